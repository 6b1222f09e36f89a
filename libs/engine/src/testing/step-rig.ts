import { setTimeout as delay } from 'node:timers/promises';
import { NotNow } from '../not-now.js';
import type { Clock } from '../ports/clock.js';
import type { Secrets } from '../ports/secrets.js';
import type { ResourceKind } from '../resource-kind.js';
import type { ReceivedSignal, Removal, StepContext, StepDefinition, StepFiles, StepLog } from '../step-definition.js';
import { StepError } from '../step-error.js';
import { MemoryLedger } from './memory-ledger.js';

export interface StepRigOptions {
  kinds: readonly ResourceKind[];
  /** Secret references and their values. */
  secrets?: Record<string, string>;
  /** Needed by steps that read or write the workspace. */
  files?: StepFiles;
  /** Absent: another one for every rig. */
  mark?: string;
  entity?: { blueprint: string; identifier: string };
  /** For everything the rig does: beyond it, calls are aborted and the test fails. */
  deadlineMs?: number;
}

/** One run of one entity in memory: what the engine gives a step, and the part of the engine that calls it again. */
export interface StepRig {
  readonly mark: string;
  readonly ledger: MemoryLedger;
  /** As the step wrote them, not redacted. */
  readonly lines: { level: string; message: string }[];
  /** What came for the step's signals; handed over once, like the engine does. */
  readonly signals: ReceivedSignal[];
  /** Every value handed out or protected. */
  readonly values: Set<string>;
  /** A context for one call of `run`. */
  context(overrides?: Partial<StepContext>): StepContext;
  /** As the engine does: parses the input, sits out waits and retryable failures, parses the output. Fatal failures reject. */
  run(step: StepDefinition, input: unknown): Promise<unknown>;
  /** Removes what stands, newest first, and sits out `pending`. */
  undo(options?: Record<string, unknown>): Promise<Removal[]>;
}

/** Real time, for tests that talk to a real process. */
export const realClock: Clock = {
  now: () => new Date(),
  sleep: async (ms, signal) => {
    await delay(ms, undefined, signal ? { signal } : {});
  },
};

let rigs = 0;

export function createStepRig(options: StepRigOptions): StepRig {
  const { kinds, secrets: known = {}, files = { workspace: '', template: '' }, deadlineMs = 30_000 } = options;
  rigs += 1;
  const runId = options.mark ?? `r_test${process.pid}x${Date.now().toString(36)}x${rigs}`;
  const lines: StepRig['lines'] = [];
  const signals: ReceivedSignal[] = [];
  const values = new Set<string>();
  const signal = AbortSignal.timeout(deadlineMs);
  const base = { signal, log: collect(lines), secrets: memorySecrets(known, values), clock: realClock };
  const holdsSecret = (text: string): boolean => [...values].some((value) => text.includes(value));
  const ledger = new MemoryLedger({ ...base, kinds, mark: runId, runId, stepId: 'step' });
  const entity = options.entity ?? { blueprint: 'service', identifier: 'conformance' };
  const startedAt = new Date();
  const context: StepRig['context'] = (overrides = {}) => ({
    ...base,
    holdsSecret,
    ...{ runId, stepId: 'step', attempt: 1, entity, mark: runId, resources: ledger, files, state: undefined, signals: [], startedAt, runStartedAt: startedAt },
    ...overrides,
  });

  return {
    mark: runId,
    ledger,
    lines,
    signals,
    values,
    context,
    run: (step, input) => runToEnd(step, step.input.parse(input), context, signals),
    undo: (undoOptions) => removeStanding(ledger, signal, undoOptions),
  };
}

async function runToEnd(step: StepDefinition, input: unknown, context: StepRig['context'], signals: ReceivedSignal[]): Promise<unknown> {
  let state: unknown = undefined;
  let key: string | undefined = undefined;
  let attempt = 1;
  let handed = 0;
  for (;;) {
    const fresh = signals.slice(handed).filter((signal) => signal.key === key);
    const ctx = context({ attempt, state, signals: fresh });
    try {
      const result = await step.run(ctx, input);
      if ('output' in result) return step.output.parse(result.output);
      // Stored between the two calls, so it must survive JSON.
      state = result.wait.state === undefined ? undefined : JSON.parse(JSON.stringify(result.wait.state));
      if (key === result.wait.signal) handed = signals.length;
      key = result.wait.signal;
      if (!signals.slice(handed).some((signal) => signal.key === key)) await realClock.sleep(result.wait.afterMs, ctx.signal);
    } catch (error) {
      if (error instanceof NotNow) {
        await realClock.sleep(error.held.afterMs, ctx.signal);
        continue;
      }
      if (!(error instanceof StepError) || error.classification === 'fatal' || ctx.signal.aborted) throw error;
      attempt += 1;
      await realClock.sleep(error.retryAfterMs ?? 100, ctx.signal);
    }
  }
}

async function removeStanding(ledger: MemoryLedger, signal: AbortSignal, options?: Record<string, unknown>): Promise<Removal[]> {
  const removals: Removal[] = [];
  for (const resource of (await ledger.standing()).reverse()) {
    let removal = await ledger.remove(resource, options);
    while (removal.outcome === 'pending') {
      await realClock.sleep(removal.afterMs, signal);
      removal = await ledger.remove(resource, options);
    }
    removals.push(removal);
  }
  return removals;
}

function memorySecrets(known: Record<string, string>, values: Set<string>): Secrets {
  return {
    resolve(reference) {
      const value = known[reference];
      if (value === undefined) {
        return Promise.reject(new StepError('fatal', 'secret_not_found', `There is no secret at ${reference}.`));
      }
      values.add(value);
      return Promise.resolve(value);
    },
    protect(value) {
      values.add(value);
    },
  };
}

function collect(lines: StepRig['lines']): StepLog {
  const at = (level: string) => (message: string) => {
    lines.push({ level, message });
  };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}
