import { glob, readFile } from 'node:fs/promises';
import path from 'node:path';
import { everyProvider } from './every-step.js';

/** What is not held to the conformance suite is not known to look before it makes, to adopt, or to leave alone what is not ours. */
const providers = await everyProvider();
const sources = await sourcesThatExercise();

it('holds every step to the suite', () => {
  const exercised = new Set(textsOf(/\bexerciseStep\(\s*'([^']+)'/g));
  expect(providers.flatMap(({ steps }) => steps.map(({ id }) => id)).filter((id) => !exercised.has(id))).toEqual([]);
});

it('holds every resource kind to the suite, by a step that makes one', () => {
  const made = textsOf(/\bmakes: \[([^\]]*)\]/g).join();
  expect(providers.flatMap(({ kinds }) => kinds.map(({ kind }) => kind)).filter((kind) => !made.includes(`'${kind}'`))).toEqual([]);
});

function textsOf(pattern: RegExp): string[] {
  return sources.flatMap((source) => [...source.matchAll(pattern)].map(([, text = '']) => text));
}

async function sourcesThatExercise(): Promise<string[]> {
  const libraries = path.join(import.meta.dirname, '../..');
  const sources: string[] = [];
  for await (const file of glob('{*,providers/*}/src/**/*.ts', { cwd: libraries })) {
    const source = await readFile(path.join(libraries, file), 'utf8');
    if (source.includes('exerciseStep(')) sources.push(source);
  }
  return sources;
}
