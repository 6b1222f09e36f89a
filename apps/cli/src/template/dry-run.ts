import type { PlanStepView, PlanView, PlannedEffect } from '@slipway/contracts';
import { onlyPath, readOptions } from '../wrong-use.js';
import { knownSteps } from './known-steps.js';
import { loadOne } from './load-one.js';
import { readGiven, workOut } from './work-out.js';

/** Says what a run would do; fails where a step would. */
export async function dryRun(args: string[]): Promise<number> {
  const { values, positionals } = readOptions(args, {
    ...{ values: { type: 'string' }, secrets: { type: 'string' }, action: { type: 'string' }, entity: { type: 'string' }, config: { type: 'string' } },
    ...{ json: { type: 'boolean' }, content: { type: 'boolean' } },
  } as const);
  const given = onlyPath(positionals);
  const inputs = await readGiven({ values: values.values, secrets: values.secrets });
  const found = await loadOne(given, values.action);
  if (!found) return 1;
  const { registry, secrets, environment } = await knownSteps(values.config);
  const plan = await workOut({ found, given: inputs, entity: values.entity, registry, secrets, environment, content: values.content ?? false });
  if (!plan) return 1;
  process.stdout.write(values.json ? `${JSON.stringify(plan, null, 2)}\n` : described(plan));
  const wouldFail = plan.steps.some(({ failure, effects }) => failure || effects.some(({ effect }) => effect === 'conflict'));
  return wouldFail ? 1 : 0;
}

function described(plan: PlanView): string {
  const { operation, entity, steps, files } = plan;
  const lines = [
    `${operation} ${entity.blueprint} "${entity.identifier}" by ${plan.action}`,
    '',
    ...steps.flatMap(stepLines),
    '',
    `Files: ${files.length}`,
    ...files.flatMap(({ mode, size, path, content }) => [
      `  ${mode.padEnd(4)} ${String(size).padStart(8)}  ${path}`,
      ...(content === undefined ? [] : content.split('\n').map((line) => `       | ${line}`)),
    ]),
    '',
    `Plan ${plan.hash}`,
  ];
  return `${lines.join('\n')}\n`;
}

const decisions: Record<PlanStepView['decision'], string> = {
  run: '',
  skip: '  (skipped)',
  later: '  (if earlier steps say so)',
  'on-failure': '  (after a failure)',
};

function stepLines({ id, action, decision, items, effects, failure }: PlanStepView): string[] {
  const times = items === undefined ? '' : `  (${items === null ? 'once per item' : `${items.length} times`})`;
  return [
    `${id.padEnd(16)} ${action}${decisions[decision]}${times}`,
    ...effects.map((effect) => `                 ${inWords(effect)}`),
    ...(failure ? [`                 would fail: ${failure.message} (${failure.code})`] : []),
  ];
}

function inWords({ effect, kind, externalId, title, looked }: PlannedEffect): string {
  const name = externalId === null ? `${kind}, named once earlier steps have run` : title;
  switch (effect) {
    case 'create':
      return `creates ${name}${looked ? ', which is free' : ''}`;
    case 'adopt':
      return `finds its own ${name}`;
    case 'change':
      return `changes ${name}`;
    case 'remove':
      return `removes ${name}`;
    case 'conflict':
      return `would fail: ${name} exists and is somebody else's`;
  }
}
