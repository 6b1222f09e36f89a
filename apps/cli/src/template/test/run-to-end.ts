import { type EntityRef, isTerminal } from '@slipway/contracts';
import { type EngineDependencies, type Plan, type RunRecord, advance, sealTypedSecrets } from '@slipway/engine';
import { aStep } from '@slipway/engine/testing';
import type { TestBench } from './test-bench.js';

export interface NewRun {
  action: string;
  operation: RunRecord['operation'];
  entity: EntityRef;
  mark: string;
  inputs: Record<string, unknown>;
  secrets: Record<string, string>;
  plan: Plan;
  templateDigest: string;
}

export type EndedRun = ReturnType<TestBench['engine']['store']['look']>;

let runs = 0;

/** A name as the product makes them: it marks everything the run makes. */
export function newRunId(): string {
  runs += 1;
  return `r_${Date.now().toString(32).padStart(10, '0')}${String(runs).padStart(10, '0')}`;
}

/** Runs it as a worker does, waits and all. Throws when it has not ended in time; by then it has been called back. */
export async function runToEnd(bench: TestBench, id: string, { secrets, ...request }: NewRun, limit: Limit): Promise<EndedRun> {
  const run: RunRecord = {
    ...request,
    ...{ id, status: 'QUEUED', requestedBy: 'user:default/test', workspaceDigest: null },
    ...{ failure: null, undoReason: null, startedAt: null },
  };
  const { store, sealer } = bench.engine;
  store.add(run, request.plan.steps.map((step) => aStep(step.id)));
  store.keepSecrets(id, sealTypedSecrets(sealer, id, secrets));
  return advanceToEnd(bench, id, limit);
}

export interface Limit {
  withinMs: number;
  /** Ctrl-C. */
  signal: AbortSignal;
  cancelAt?: string | undefined;
}

export async function advanceToEnd({ engine }: TestBench, runId: string, { withinMs, signal, cancelAt }: Limit): Promise<EndedRun> {
  const { store } = engine;
  const deadline = Date.now() + withinMs;
  const worker = cancelAt === undefined ? engine : { ...engine, reach: cancelInCall(engine, runId, cancelAt) };
  for (;;) {
    await advance(worker, runId, signal);
    signal.throwIfAborted();
    const seen = store.look(runId);
    if (isTerminal(seen.run.status)) return seen;
    if (Date.now() > deadline) throw new Error(`The run was ${seen.run.status} still after ${withinMs / 1_000} s${waitingFor(seen)}.`);
    const due = (seen.wakeAt?.getTime() ?? 0) - Date.now();
    await engine.clock.sleep(Math.min(Math.max(due, 20), 500), signal);
  }
}

/** The cancel comes as the step calls, and is heard before the call has returned, however short it is. */
function cancelInCall({ store, clock }: TestBench['engine'], runId: string, stepId: string): EngineDependencies['reach'] {
  let told = false;
  return async (place) => {
    if (place.runId !== runId || place.stepId !== stepId) return;
    if (place.at === 'step:before-call' && !told) {
      told = true;
      store.tell(runId, 'cancel');
    }
    if (place.at !== 'step:after-call') return;
    while (!store.hasHeardAll(runId)) await clock.sleep(10);
  };
}

function waitingFor({ steps }: EndedRun): string {
  const reasons = steps.flatMap((step) => (step.status === 'WAITING' && step.wait ? [`${step.id}: ${step.wait.reason}`] : []));
  return reasons.length === 0 ? '' : ` (${reasons.join('; ')})`;
}
