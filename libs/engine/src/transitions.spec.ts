import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { RunStatus, StepStatus } from '@slipway/contracts';
import { assertRunTransition, assertStepTransition, runTransitions, stepTransitions } from './transitions.js';

const tables: Array<[string, Record<string, readonly string[]>, string]> = [
  ['runs', runTransitions, 'WAITING_FOR_APPROVAL'],
  ['steps', stepTransitions, 'PENDING'],
];

describe('the transition tables', () => {
  it.each(tables)('of %s name every state, and lead to each', (name, table, first) => {
    const states = name === 'runs' ? RunStatus.options : StepStatus.options;
    expect(Object.keys(table).sort()).toEqual([...states].sort());
    const reached = new Set([first]);
    for (const state of reached) for (const next of table[state] ?? []) reached.add(next);
    expect([...reached].sort()).toEqual([...states].sort());
  });

  it('are what docs/run-lifecycle.md draws', async () => {
    const page = await readFile(path.join(import.meta.dirname, '../../../docs/run-lifecycle.md'), 'utf8');
    const drawn = [...page.matchAll(/```mermaid\n([\s\S]*?)```/g)].map(([, diagram]) => arrowsOf(diagram ?? ''));
    expect(drawn).toEqual(tables.map(([, table]) => arrowsIn(table)));
  });

  it('refuse what they do not have', () => {
    expect(() => assertRunTransition('SUCCEEDED', 'RUNNING')).toThrow('A run cannot go from SUCCEEDED to RUNNING.');
    expect(() => assertStepTransition('push', 'SUCCEEDED', 'FAILED')).toThrow('Step "push" cannot go from SUCCEEDED to FAILED.');
    expect(() => assertRunTransition('RUNNING', 'RUNNING')).not.toThrow();
  });
});

function arrowsOf(diagram: string): string[] {
  return [...diagram.matchAll(/(\w+) --> (\w+)/g)].map(([, from, to]) => `${from} --> ${to}`).sort();
}

function arrowsIn(table: Record<string, readonly string[]>): string[] {
  return Object.entries(table)
    .flatMap(([from, to]) => to.map((next) => `${from} --> ${next}`))
    .sort();
}
