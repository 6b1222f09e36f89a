import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type PlannedStep, type Provider, Registry, defineStep } from '@slipway/engine';
import { z } from 'zod';
import { createEvaluator } from '../expressions/evaluator.js';
import { templatingProvider } from '../provider.js';
import { removeTemporaryFolders, temporaryFolder } from '../testing/temporary-folder.js';
import { type DryRunRequest, dryRun, graphOf } from './dry-run.js';

const called: string[] = [];
/** What the stand-in for a system holds: name → mark of its owner. */
const there = new Map<string, string>();

const repositories: Provider = {
  name: 'git',
  steps: [
    defineStep({
      id: 'git:create',
      description: '',
      input: z.strictObject({ name: z.string().regex(/^[a-z]+$/), token: z.string().optional() }),
      output: z.object({ url: z.string() }),
      workspace: 'none',
      run: async ({ runId }, { name }) => {
        called.push(`${runId} ${name}`);
        return { output: { url: `http://git/${name}` } };
      },
      foresee: ({ name }) => [{ effect: 'create', kind: 'git:repository', externalId: name, title: `Repository ${name}` }],
    }),
  ],
  kinds: [
    {
      kind: 'git:repository',
      observe: async (ctx, { externalId }) => {
        if (externalId === 'unreachable') throw new Error('no answer');
        const mark = there.get(externalId);
        return mark === undefined ? { exists: false } : { exists: true, owned: mark === ctx.mark };
      },
      remove: async () => ({ outcome: 'absent' }),
    },
  ],
};

const registry = new Registry([templatingProvider(), repositories]);
const noSecrets = { resolve: () => Promise.reject(new Error('asked for a secret')), protect: () => undefined };

describe('a dry run', () => {
  let folder: string;

  beforeEach(async () => {
    called.length = 0;
    there.clear();
    folder = await temporaryFolder({
      'skeleton/README.md': 'This is ${{ values.name }}, at ${{ values.url }}\n',
      'skeleton/docs/run.sh': { executable: '#!/bin/sh\n' },
    });
  });

  afterAll(removeTemporaryFolders);

  const plan = (steps: Partial<PlannedStep>[], request: Partial<DryRunRequest> = {}, look = true) =>
    dryRun(
      { registry, evaluator: createEvaluator(), ...(look ? { secrets: noSecrets } : {}) },
      {
        template: { identifier: 'make', operation: 'CREATE', digest: 'd' },
        plan: { steps: steps.map(asStep), onFailure: 'undo', deadlineMs: 60_000 },
        folder,
        inputs: { name: 'shop', wanted: false, list: ['one', 'two'] },
        entity: { blueprint: 'service', identifier: 'shop' },
        ...{ mark: null, standing: [], requestedBy: 'ada' },
        ...request,
      },
      new AbortController().signal,
    );

  it('renders what can be rendered, and shows what only a run will know as its expression', async () => {
    const made = await plan(
      [
        { id: 'create', action: 'git:create', input: { name: '${{ parameters.name }}', token: '${{ secrets.token }}' } },
        {
          id: 'render',
          action: 'fetch:template',
          needs: ['create'],
          input: { url: './skeleton', values: { name: '${{ parameters.name }}', url: 'at ${{ steps.create.output.url }}/${{ parameters.name }}' } },
        },
      ],
      { content: true },
    );
    expect(made.steps[0]?.input).toEqual({ name: 'shop', token: '${{ secrets.token }}' });
    expect(made.files).toMatchObject([
      { path: 'README.md', mode: '644', content: 'This is shop, at at ${{ steps.create.output.url }}/shop\n' },
      { path: 'docs/run.sh', mode: '755', size: 10 },
    ]);
    expect(made.steps.map(({ failure }) => failure)).toEqual([null, null]);
    expect(called).toEqual([]);
  });

  it.each<[string, Partial<PlannedStep>, object]>([
    ['a step whose condition is known to fail', { if: '${{ parameters.wanted }}' }, { decision: 'skip', effects: [] }],
    ['a step whose condition an earlier step decides', { if: '${{ steps.first.output.url }}' }, { decision: 'later' }],
    ['a step for after a failure', { if: '${{ failure() }}', when: 'failure' }, { decision: 'on-failure' }],
    [
      'a step for each item',
      { each: '${{ parameters.list }}', input: { name: '${{ each.value }}' } },
      { items: [{ name: 'one' }, { name: 'two' }], effects: [{ externalId: 'one' }, { externalId: 'two' }] },
    ],
    ['a step for items not known yet', { each: '${{ steps.first.output.list }}', input: { name: '${{ each.value }}' } }, { items: null, effects: [{ externalId: null }] }],
    ['an input that breaks a rule', { input: { name: 'NO' } }, { failure: { code: 'step_input_invalid' } }],
    ['an input that may break no rule once it is known', { input: { name: '${{ steps.first.output.url }}' } }, { failure: null, effects: [{ externalId: null }] }],
    ['an expression that fails', { input: { name: '${{ parameters.name | nothing }}' } }, { failure: { code: 'expression_failed' } }],
    ['an action that nobody has', { action: 'git:other' }, { failure: { code: 'step_action_unknown' } }],
  ])('tells of %s', async (_, step, expected) => {
    const made = await plan([
      { id: 'first', action: 'git:create', input: { name: 'first' } },
      { id: 'second', action: 'git:create', needs: ['first'], input: { name: 'shop' }, ...step },
    ]);
    expect(made.steps[1]).toMatchObject(expected);
  });

  it.each([
    ['what is free', 'shop', { effect: 'create', looked: true }],
    ['what is its own', 'ours', { effect: 'adopt', looked: true }],
    ['what is somebody else’s', 'theirs', { effect: 'conflict', looked: true }],
    ['a system that does not answer', 'unreachable', { effect: 'create', looked: false }],
  ])('looks for %s', async (_, name, expected) => {
    there.set('ours', 'r_1').set('theirs', 'r_2');
    const made = await plan([{ id: 'create', action: 'git:create', input: { name } }], { mark: 'r_1' });
    expect(made.steps[0]?.effects).toMatchObject([expected]);
  });

  it('has the same hash for the same plan, and another once anything would differ', async () => {
    const steps = [
      { id: 'create', action: 'git:create', input: { name: 'shop' } },
      { id: 'render', action: 'fetch:template', input: { url: './skeleton', values: { name: '${{ parameters.name }}', url: 'x' } } },
    ];
    const { hash } = await plan(steps);
    expect((await plan(steps, { content: true })).hash).toBe(hash);
    expect((await plan(steps, {}, false)).hash).toBe(hash);
    expect((await plan(steps, { inputs: { name: 'other' } })).hash).not.toBe(hash);
    there.set('shop', 'r_9');
    expect((await plan(steps)).hash).not.toBe(hash);
    there.clear();
    await writeFile(join(folder, 'skeleton/README.md'), 'another');
    expect((await plan(steps)).hash).not.toBe(hash);
  });

  it('goes on past a rendering that fails, and hands the workspace over before it goes', async () => {
    let kept = '';
    const made = await plan(
      [
        { id: 'broken', action: 'fetch:template', input: { url: './nowhere' } },
        { id: 'render', action: 'fetch:template', needs: ['broken'], input: { url: './skeleton', values: { name: 'a', url: 'b' } } },
      ],
      { keep: async (workspace) => void (kept = await readFile(join(workspace, 'README.md'), 'utf8')) },
    );
    expect(made.steps.map(({ failure }) => failure?.code)).toEqual(['skeleton_missing', undefined]);
    expect(kept).toBe('This is a, at b\n');
  });
});

describe('a graph', () => {
  it('leaves out what follows from the rest', () => {
    const steps = [
      { id: 'a', needs: [] },
      { id: 'b', needs: ['a'] },
      { id: 'c', needs: ['a', 'b'] },
    ].map(asStep);
    expect(graphOf({ steps })).toEqual([
      { from: 'a', to: 'b' },
      { from: 'b', to: 'c' },
    ]);
  });
});

function asStep(step: Partial<PlannedStep>): PlannedStep {
  const defaults = { id: 'step', name: 'Step', action: 'git:create', needs: [], input: {}, timeoutMs: 1_000 };
  return { ...defaults, retry: { attempts: 1, withinMs: 0 }, ...step };
}
