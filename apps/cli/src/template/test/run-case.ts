import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { isStanding } from '@slipway/contracts';
import type { Plan } from '@slipway/engine';
import { MemoryRunStore } from '@slipway/engine/testing';
import { type LoadedTemplate, checkRequest, compilePlan, entityIdentifier, withTypedSecrets } from '@slipway/templating';
import { type EndedRun, type NewRun, advanceToEnd, newRunId, runToEnd } from './run-to-end.js';
import type { TestBench } from './test-bench.js';
import type { TestCase } from './test-file.js';

export interface CaseResult {
  /** Empty: passed. */
  problems: string[];
  /** What the run said, for whoever looks into a failure. */
  log: string[];
}

/** Where a case plays: the template under test, and every action of its golden path. */
export interface Stage {
  bench: TestBench;
  template: LoadedTemplate;
  actions: readonly LoadedTemplate[];
  signal: AbortSignal;
}

/** One case from an empty sandbox to an empty sandbox; answers all that was not as expected. */
export async function runCase(stage: Stage, test: TestCase): Promise<CaseResult> {
  const play = new Play({ ...stage, bench: { ...stage.bench, engine: { ...stage.bench.engine, store: new MemoryRunStore() } } }, test);
  try {
    await play.bench.sandbox.reset();
    const ended = await play.perform();
    const problems = [...(await unexpected(play.bench, test, ended))];
    const idle = await play.bench.sandbox.faultsNotMet();
    problems.push(...idle.map((fault) => `Nothing met the fault ${fault}: check what it matches.`));
    await play.bench.sandbox.setFaults([]);
    await play.undo(ended);
    const left = await play.bench.sandbox.differencesFromEmpty();
    problems.push(...left.map((line) => `Undo left something behind: ${line}.`));
    return { problems, log: play.log() };
  } catch (error) {
    stage.signal.throwIfAborted();
    return { problems: [error instanceof Error ? error.message : String(error)], log: play.log() };
  }
}

/** What the form would send, and when to call it off. */
type Sent = Pick<TestCase, 'values' | 'secrets'> & Partial<Pick<TestCase, 'cancelAt'>>;

class Play {
  readonly bench: TestBench;
  private readonly ids: string[] = [];
  private entity: Pick<NewRun, 'entity' | 'mark'> | undefined;

  constructor(
    private readonly stage: Stage,
    private readonly test: TestCase,
  ) {
    this.bench = stage.bench;
  }

  /** What must have been there before, then the faults, then the run that the case is about. */
  async perform(): Promise<EndedRun> {
    const { given, faults } = this.test;
    for (const earlier of given) {
      const { run } = await this.run(this.named(earlier.action), earlier);
      if (run.status !== 'SUCCEEDED') throw new Error(`What was given did not come up: ${earlier.action} ended ${run.status}: ${run.failure?.message}`);
    }
    await this.bench.sandbox.setFaults(faults);
    return this.run(this.stage.template, this.test);
  }

  /** As Undo and DELETE do it: by the ledger. */
  async undo(ended: EndedRun): Promise<void> {
    const { store } = this.bench.engine;
    const { run, resources } = ended;
    if (run.status !== 'SUCCEEDED' && resources.some(({ state }) => isStanding(state))) {
      store.tell(run.id, 'undo');
      await advanceToEnd(this.bench, run.id, this.limit());
    }
    if ((await store.standing(run.entity)).length === 0) return;
    const { entity, mark, templateDigest } = run;
    const removal = { action: 'undo', operation: 'DELETE', entity, mark, inputs: {}, secrets: {}, plan: removeAll, templateDigest } as const;
    const removed = await runToEnd(this.bench, this.newId(), removal, this.limit());
    if (removed.run.status !== 'SUCCEEDED') throw new Error(`Undo failed: ${removed.run.failure?.message}`);
  }

  log(): string[] {
    return this.ids.flatMap((id) =>
      this.bench.engine.store.look(id).events.flatMap((event) =>
        event.type === 'log' ? [`${event.level.padEnd(5)} ${event.stepId ?? '-'}: ${event.message}`] : [],
      ),
    );
  }

  private async run(template: LoadedTemplate, { values: properties, secrets: given, cancelAt }: Sent): Promise<EndedRun> {
    const { spec } = template.document;
    const { values: inputs, secrets, issues } = checkRequest(spec, { properties, secrets: given });
    if (issues.length > 0) throw new Error(`The values are refused: ${issues.map((issue) => `${issue.path}: ${issue.message}`).join('; ')}`);
    await this.bench.archives.put(template.digest, template.archive);
    const id = this.newId();
    const { identifier: action, operation, digest: templateDigest } = template;
    const plan = withTypedSecrets(compilePlan(template), spec, secrets);
    const request = { action, operation, inputs, secrets, plan, templateDigest, ...this.entityOf(template, inputs, id) };
    return runToEnd(this.bench, id, request, this.limit(cancelAt));
  }

  private entityOf(template: LoadedTemplate, inputs: Record<string, unknown>, runId: string): Pick<NewRun, 'entity' | 'mark'> {
    const { blueprint, operation } = template;
    if (operation === 'CREATE') {
      this.entity = { entity: { blueprint, identifier: entityIdentifier(template, inputs) }, mark: runId };
      return this.entity;
    }
    const named = this.test.entity === undefined ? undefined : { entity: { blueprint, identifier: this.test.entity }, mark: runId };
    const found = this.entity ?? named;
    if (!found) throw new Error(`A ${operation} needs an entity: say what is "given" (a CREATE), or name the "entity".`);
    return found;
  }

  private named(action: string): LoadedTemplate {
    const found = this.stage.actions.find((template) => template.identifier === action);
    if (found) return found;
    const known = this.stage.actions.map((template) => template.identifier).join(', ');
    throw new Error(`There is no action "${action}" in this golden path; there are: ${known}.`);
  }

  private limit(cancelAt?: string) {
    return { withinMs: this.test.withinSeconds * 1_000, signal: this.stage.signal, cancelAt };
  }

  private newId(): string {
    const id = newRunId();
    this.ids.push(id);
    return id;
  }
}

/** The walk that a DELETE's `resources:remove` does; a test keeps nothing for people to look at. */
const removeAll: Plan = {
  steps: [
    {
      ...{ id: 'remove', name: 'Undo', action: 'resources:remove', needs: [] },
      input: { options: { 'github:repository': { disposition: 'delete' } } },
      ...{ timeoutMs: 120_000, retry: { attempts: 5, withinMs: 120_000 } },
    },
  ],
  ...{ onFailure: 'keep', deadlineMs: 300_000 },
};

async function unexpected(bench: TestBench, { expect }: TestCase, ended: EndedRun): Promise<string[]> {
  const { run, steps, resources } = ended;
  const problems: string[] = [];
  const compare = (what: string, seen: string | undefined, wanted: string): void => {
    if (seen !== wanted) problems.push(`${what} is ${seen ?? 'not there'}, not ${wanted}.`);
  };
  if (run.status !== expect.status) {
    compare('The run', `${run.status}${run.failure ? ` (${run.failure.code}: ${run.failure.message})` : ''}`, expect.status);
  }
  if (expect.failure !== undefined) compare('The failure', run.failure?.code, expect.failure);
  for (const [id, status] of Object.entries(expect.steps)) compare(`The step ${id}`, steps.find((step) => step.id === id)?.status, status);
  if (expect.resources) {
    const standing = resources.filter(({ state }) => isStanding(state)).map(({ kind, externalId }) => `${kind} ${externalId}`);
    problems.push(...unexpectedResources(standing, expect.resources));
  }
  const lines = ended.events.flatMap((event) => (event.type === 'log' ? [event.message] : []));
  for (const text of expect.log) if (!lines.some((line) => line.includes(text))) problems.push(`No line of the log holds "${text}".`);
  return [...problems, ...(await unexpectedFiles(bench, expect.files, ended))];
}

/** `*` stands for any text: some ids hold an address of the sandbox. */
function unexpectedResources(standing: string[], expected: string[]): string[] {
  const patterns = expected.map((text) => new RegExp(`^${text.split('*').map(RegExp.escape).join('.*')}$`));
  const missing = expected.filter((_, index) => !standing.some((resource) => patterns[index]?.test(resource)));
  const surplus = standing.filter((resource) => !patterns.some((pattern) => pattern.test(resource)));
  return [
    ...(missing.length > 0 ? [`Missing at the end: ${missing.join(', ')}.`] : []),
    ...(surplus.length > 0 ? [`Standing at the end, and not expected: ${surplus.join(', ')}.`] : []),
  ];
}

async function unexpectedFiles(bench: TestBench, files: TestCase['expect']['files'], { run }: EndedRun): Promise<string[]> {
  if (files.length === 0) return [];
  const opened = await bench.engine.workspaces.open(run);
  try {
    const problems = await Promise.all(files.map((file) => unexpectedFile(opened.workspace, file)));
    return problems.filter((problem) => problem !== null);
  } finally {
    await opened.close();
  }
}

async function unexpectedFile(workspace: string, file: TestCase['expect']['files'][number]): Promise<string | null> {
  const wanted: { path: string; contains?: string | undefined; absent?: true | undefined } = file;
  const text = await readFile(path.join(workspace, wanted.path), 'utf8').catch(() => null);
  if (wanted.absent) return text === null ? null : `The file ${wanted.path} is there.`;
  if (text === null) return `The file ${wanted.path} is missing.`;
  if (wanted.contains === undefined || text.includes(wanted.contains)) return null;
  return `The file ${wanted.path} does not hold "${wanted.contains}".`;
}
