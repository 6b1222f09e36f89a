import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { StepDefinition } from '@slipway/engine';
import { everyStep } from './every-step.js';

/** The guide is what people write templates by: a step or an input that it does not name is not there for them. */
const guide = await readFile(path.join(import.meta.dirname, '../../../docs/writing-templates.md'), 'utf8');
const registry = await everyStep();

function keysOf(schema: StepDefinition['input']): string[] {
  const shape: unknown = Reflect.get(schema, 'shape');
  return typeof shape === 'object' && shape !== null ? Object.keys(shape) : [];
}

/** The cells of the row that begins with the step's name. */
function rowOf(id: string): string[] {
  return guide.split('\n').find((line) => line.startsWith(`| \`${id}\` |`))?.split(' | ') ?? [];
}

const ofGithub = registry.stepIds().filter((id) => /^(publish:)?github/.test(id));

it.each(registry.stepIds())('%s is in the guide', (id) => {
  expect(guide).toContain(`\`${id}\``);
});

it.each(ofGithub)('every input and output of %s is in the guide', (id) => {
  const { input, output } = registry.step(id)!;
  const [, inputs = '', , outputs = ''] = rowOf(id);
  const told = id === 'publish:github' ? ['github:repo:create', 'github:repo:push'].map((one) => rowOf(one)[1]).join() : inputs;
  expect(keysOf(input).filter((key) => !told.includes(`\`${key}\``))).toEqual([]);
  expect([...outputs.matchAll(/`(\w+)`/g)].map(([, key]) => key).sort()).toEqual(keysOf(output).sort());
});
