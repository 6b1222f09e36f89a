import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { jest } from '@jest/globals';
import { ApiClient, type Run } from './api-client.js';
import { atOnce } from './at-once.js';
import { callsOfSteps, faultOf, isEffect, type StepCall } from './calls-of-steps.js';
import { footprint } from './footprint.js';
import { type GoldenPathVariants, writeVariants } from './golden-path-variants.js';
import { SandboxClient } from './sandbox-client.js';
import { serviceValues } from './service-values.js';
import { type Product, startProduct } from './start-product.js';
import { until } from './until.js';

/** `npm run faults`: every call of every step. Otherwise one call per step, the last that changes something. */
const everyCall = process.env['SLIPWAY_FAULTS'] === 'all';
const together = 8;

jest.setTimeout(everyCall ? 3_600_000 : 600_000);

/** One run of which one call fails. */
interface Trial {
  name: string;
  call: StepCall;
  moment: 'before' | 'after';
}

describe('every step of the main job fails once, before and after its effect', () => {
  let folder: string;
  let product: Product;
  let variants: GoldenPathVariants;
  let api: ApiClient;
  let sandbox: SandboxClient;
  let start: Record<string, unknown>;
  let clean: Record<string, number>;
  let calls: StepCall[];
  let ran: string[];

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'slipway-variants-'));
    variants = await writeVariants(folder);
    product = await startProduct(variants);
    api = await ApiClient.signIn(product.demo);
    sandbox = new SandboxClient(product.demo.sandbox);
    start = await sandbox.holds();
    ({ calls, ran } = await callsOfSteps(api, sandbox, 'pattern'));
    clean = footprint(await sandbox.holds(), 'pattern');
    await remove('pattern');
  });
  afterAll(async () => {
    await product?.stop();
    await rm(folder, { recursive: true, force: true });
  });
  afterEach(() => sandbox.clearFaults());

  it('knows a call of every step that asks something of an outside system', () => {
    const systems = /^(github|publish|akeyless|argocd|kubernetes):/;
    const expected = variants.steps.filter(({ id, action }) => systems.test(action) && ran.includes(id)).map(({ id }) => id);
    expect(expected.length).toBeGreaterThan(8);
    expect(new Set(chosen(calls).map(({ step }) => step))).toEqual(new Set(expected));
    expect(Object.keys(clean).length).toBeGreaterThan(8);
  });

  it('undo leaves everything as it was, and says so', async () => {
    const trials = trialsOf(calls, 'u');
    await sandbox.setFaults(trials.map(fault));
    const wrong: string[] = [];
    await atOnce(together, trials, async (trial) => {
      const failed = await deployed('deploy_python_flask_app', trial);
      if (failed.statusLabel === 'SUCCEEDED' && mayPass(trial)) return remove(trial.name);
      const keeps = variants.steps.find(({ id }) => id === trial.call.step)?.keeps === true;
      const run = keeps && failed.statusLabel === 'FAILED' ? await undone(failed.id) : failed;
      const events = await api.events(run.id);
      wrong.push(...(await faultsOfUndo(trial, run, JSON.stringify(events))).map((what) => `${describeTrial(trial)}: ${what}`));
    });
    expect(wrong).toEqual([]);
    expect(await sandbox.holds()).toEqual(start);
    if (!everyCall) expect(await unplayed()).toEqual([]);
  });

  it('what was kept is completed by a retry, without a duplicate, and then removed', async () => {
    const trials = trialsOf(calls, 'k');
    await sandbox.setFaults(trials.map(fault));
    const wrong: string[] = [];
    await atOnce(together, trials, async (trial) => {
      const failed = await deployed('deploy_and_keep', trial);
      const run = failed.statusLabel === 'FAILED' ? await api.retried(failed.id, 240_000) : failed;
      const made = footprint(await sandbox.holds(), trial.name);
      if (run.statusLabel !== 'SUCCEEDED') wrong.push(`${describeTrial(trial)}: the retry ended ${run.statusLabel}: ${run.failure?.message}`);
      if (JSON.stringify(sorted(made)) !== JSON.stringify(sorted(clean))) wrong.push(`${describeTrial(trial)}: made ${difference(made, clean)}`);
      await remove(trial.name);
    });
    expect(wrong).toEqual([]);
    expect(await sandbox.holds()).toEqual(start);
    if (!everyCall) expect(await unplayed()).toEqual([]);
  });

  async function deployed(action: string, { name }: Trial): Promise<Run> {
    return api.ended(await api.request(action, serviceValues(name)), 240_000);
  }

  /** As a person asks for it, where what failed was left to be looked at. */
  async function undone(id: string): Promise<Run> {
    const answer = await api.call('POST', `/v1/actions/runs/${id}/undo`);
    if (answer.status !== 202) throw new Error(`The undo of ${id} was refused: ${JSON.stringify(answer.body)}`);
    return until(`run ${id} is undone`, async () => {
      const run = await api.run(id);
      return run.statusLabel === 'FAILED' && run.steps.some(({ status }) => status === 'UNDONE') && run;
    });
  }

  async function remove(name: string): Promise<void> {
    const run = await api.ended(await api.request('delete_service', { confirm: name, repository: 'delete' }, name), 240_000);
    if (run.statusLabel !== 'SUCCEEDED') throw new Error(`${name} could not be deleted: ${JSON.stringify(run.failure)}`);
  }

  async function faultsOfUndo({ name, call }: Trial, run: Run, history: string): Promise<string[]> {
    const left = footprint(await sandbox.holds(), name);
    const entity = await api.entity(name);
    // Of steps that run at once and make the same call, the fault befalls whichever comes later.
    const failed = run.steps.some(({ id, status }) => status === 'FAILED' && call.alike.includes(id));
    return [
      run.statusLabel !== 'FAILED' && `the run ended ${run.statusLabel}`,
      !failed && `none of ${call.alike.join(' and ')} failed: ${JSON.stringify(run.steps)}`,
      !run.failure?.remedy && `the failure says nothing of what to do: ${run.failure?.message}`,
      run.steps.some(({ status }) => ['UNDO_FAILED', 'SUCCEEDED'].includes(status) ) && `steps are left ${JSON.stringify(run.steps)}`,
      entity?.status !== 'failed' && `the entity is ${entity?.status}`,
      Object.keys(left).length > 0 && `left ${JSON.stringify(left)}`,
      !history.includes('UNDONE') && 'the history does not say what was undone',
    ].filter((fault) => fault !== false);
  }

  async function unplayed(): Promise<string[]> {
    return (await sandbox.faults()).filter(({ left }) => left !== 0).map(({ match }) => JSON.stringify(match));
  }
});

function chosen(calls: StepCall[]): StepCall[] {
  const own = calls.filter(({ by }) => by !== null);
  if (everyCall) return own;
  const steps = [...new Set(own.map(({ step }) => step))];
  return steps.flatMap((step) => {
    const ofStep = own.filter((call) => call.step === step);
    return ofStep.findLast(isEffect) ?? ofStep.slice(0, 1);
  });
}

/** A look that a step does not always need, or can do without. */
function mayPass({ call }: Trial): boolean {
  return everyCall && !isEffect(call);
}

function trialsOf(calls: StepCall[], letter: string): Trial[] {
  return chosen(calls).flatMap((call, index) =>
    (['before', 'after'] as const).map((moment): Trial => ({ name: `${letter}${moment === 'before' ? 'b' : 'z'}${String(index).padStart(3, '0')}q`, call, moment })),
  );
}

/** Refused for good: the run is to end, not to try again. */
function fault({ call, name, moment }: Trial): ReturnType<typeof faultOf> {
  return faultOf(call, name, { fault: moment === 'before' ? 'status' : 'applied-then-status', status: 403 });
}

function describeTrial({ call, moment, name }: Trial): string {
  return `${call.step}, ${moment} ${call.method} ${call.path.replaceAll(call.name, name)} of ${call.system}`;
}

function sorted(record: Record<string, number>): Array<[string, number]> {
  return Object.entries(record).sort(([a], [b]) => a.localeCompare(b));
}

function difference(made: Record<string, number>, expected: Record<string, number>): string {
  const places = new Set([...Object.keys(made), ...Object.keys(expected)]);
  return [...places].filter((place) => made[place] !== expected[place]).map((place) => `${place}: ${made[place] ?? 0} instead of ${expected[place] ?? 0}`).join(', ');
}
