import type { Integrations } from './integrations.js';
import type { Clock } from './ports/clock.js';
import type { Evaluator } from './ports/evaluator.js';
import type { RunStore } from './ports/run-store.js';
import type { Announcer, RunQueue } from './ports/run-queue.js';
import type { Workspaces } from './ports/workspaces.js';
import type { Registry } from './registry.js';
import type { Sealer } from './sealer.js';
import type { SecretValues } from './secret-values.js';

/** Everything the engine asks of the outside, and its few settings. */
export interface EngineDependencies {
  store: RunStore;
  queue: RunQueue;
  announcer: Announcer;
  clock: Clock;
  evaluator: Evaluator;
  workspaces: Workspaces;
  registry: Registry;
  /** One for the whole process: its integrations are shared by all runs. */
  integrations: Integrations;
  /** Rings when something was put into the run's inbox. A ring that gets lost costs one heartbeat. */
  bell?: { subscribe(runId: string, listener: () => void): () => void };
  resolveSecret(reference: string, signal: AbortSignal): Promise<string>;
  /** References of what every template of this installation may use, by name: `environment.secrets.NAME`. */
  environmentSecrets?: Readonly<Record<string, string>>;
  /** Opens what was typed into forms. */
  sealer: Pick<Sealer, 'open'>;
  /** Values the process itself holds (provider tokens): redacted from every run's log. */
  processSecrets: SecretValues;
  /** Names this worker in leases. */
  owner: string;
  /** A lease not prolonged for so long may be taken by another worker. */
  leaseMs: number;
  /** A wait shorter than this keeps the lease: to hand a run back and take it up again would take as long. Absent: none does. */
  napMs?: number;
  heartbeatMs: number;
  /** Steps of one run at the same time. */
  maxParallel: number;
  /** How long calls in flight may still take once the worker is told to stop. */
  graceMs: number;
  /** How long what a broken-off call asked for may still come into being. Until then that nothing is there proves nothing. */
  settleMs: number;
  /** Tests stop, hold or kill the process at a named place in its work; a product's worker has none. */
  reach?: (place: Place) => Promise<void>;
}

export interface Place {
  at: 'step:before-call' | 'step:after-call' | 'step:checkpointed' | 'removal:before-call' | 'removal:after-call' | 'run:recorded';
  runId: string;
  /** The step at work, or the one that made what is being removed; null where the run as a whole is meant. */
  stepId: string | null;
}
