import type { EntityRef, Failure, LogLevel, Operation, RunStatus, StepStatus } from '@slipway/contracts';
import type { Plan } from '../plan.js';
import type { LedgerResource } from '../step-definition.js';

/**
 * Where runs live. Only the lease's holder changes a run; every write carries the lease (owner and fencing number) and wins only
 * until another worker has taken it, which he may once it has run out by the store's own clock. A refused write throws `LeaseLost`:
 * stop at once.
 */
export interface RunStore {
  /**
   * Takes the lease if nobody holds it and there is something to do: the run has not ended, somebody has a message for it, or who
   * held it after its end was lost. Null: somebody else has it, or there is nothing to do.
   */
  claim(runId: string, owner: string, leaseMs: number): Promise<Claim | null>;
  /**
   * All of the change and its events, numbered without gap, in one statement; or nothing. A step that goes to sleep for a
   * signal which was sent already (an id above its `seen`) finds a message of kind `signal` in the run's inbox, unless it
   * is `woken`.
   */
  record(lease: Lease, change: RunChange): Promise<void>;
  /** Prolongs the lease and answers what the inbox holds that no `record` has acknowledged. */
  heartbeat(lease: Lease, leaseMs: number): Promise<InboxMessage[]>;
  /**
   * Gives the lease back and notes when the run is due again; false (and still held) while the inbox holds something but
   * the messages put off. A message that came in between finds a job, or makes one: none is left lying.
   */
  release(lease: Lease, wakeAt: Date | null, putOff?: readonly string[]): Promise<boolean>;
  /** What the entity still has standing, over all its runs, in order of creation. */
  standing(entity: EntityRef): Promise<LedgerResource[]>;
  /** What was sent under this key after the signal of that id, oldest first. */
  signals(key: string, after: number): Promise<Signal[]>;
  /** What is kept of the secrets typed into the run's form, by name, sealed. */
  sealedSecrets(runId: string): Promise<Record<string, string>>;
}

export class LeaseLost extends Error {
  constructor(readonly runId: string) {
    super(`The lease on run ${runId} is no longer ours: another worker has it, or it ran out.`);
    this.name = 'LeaseLost';
  }
}

export interface Lease {
  runId: string;
  owner: string;
  fence: number;
}

export interface Claim {
  lease: Lease;
  run: RunRecord;
  steps: StepRecord[];
  /** What this run itself planned or made. */
  resources: LedgerResource[];
  inbox: InboxMessage[];
  /** Who held it before neither gave it back nor ended the run. */
  wasLost: boolean;
  /** By the store's own clock, which tells all times of a run. */
  now: Date;
}

export interface RunRecord {
  id: string;
  action: string;
  operation: Operation;
  entity: EntityRef;
  status: RunStatus;
  inputs: Record<string, unknown>;
  requestedBy: string;
  plan: Plan;
  templateDigest: string;
  workspaceDigest: string | null;
  mark: string;
  failure: Failure | null;
  /** Why the run turned back; decides how it ends once undone. */
  undoReason: 'failure' | 'cancel' | 'request' | null;
  startedAt: Date | null;
}

export interface StepRecord {
  /** As planned; of an item of an `each`, `publish[0]`. */
  id: string;
  status: StepStatus;
  /** How often it was begun: the number people see. */
  attempt: number;
  /** Attempts that failed; these use up `retry.attempts`. */
  failures: number;
  /** Attempts that ended with their worker. */
  losses: number;
  /** The step of the plan whose item this is, the item's number and the item; null of steps of the plan. */
  parent: string | null;
  item: number | null;
  each: { key: string | number; value: unknown } | null;
  /** As evaluated when the step became due. */
  input: Record<string, unknown> | null;
  output: unknown;
  failure: Failure | null;
  /** Set while the step sleeps. */
  wait: SleepRecord | null;
  startedAt: Date | null;
  endedAt: Date | null;
}

export interface SleepRecord {
  /**
   * `wait`: the step asked to be called again; `retry`: its last attempt failed and another follows; `held`: it was not
   * called, the reason says why; `handover`: its worker was told to stop in the middle of an attempt.
   */
  for: 'wait' | 'retry' | 'held' | 'handover';
  until: Date;
  reason: string;
  /** Since when it has been held. */
  since?: Date;
  /** What the step waits for, until it waits for something else or is done, and the last signal it was handed. */
  signal?: string;
  seen?: number;
  /** The signal came: the step is due, and is handed it when its turn comes. */
  woken?: true;
  state?: unknown;
}

/** Something from outside, kept by key for a while whether anybody waits for it or not. */
export interface Signal {
  /** Rises with every signal of a key. */
  id: number;
  key: string;
  body: unknown;
  at: Date;
}

export interface RunChange {
  run?: Partial<Pick<RunRecord, 'status' | 'failure' | 'workspaceDigest' | 'undoReason' | 'startedAt'>>;
  /** Whole records, replacing what was there; an item of an `each` may be new. */
  steps?: StepRecord[];
  /** Upserted by run, kind and external id. `runId` may be another run of the same entity (DELETE walks all of them). */
  resources?: LedgerResource[];
  /** History, in the order in which it happened. The store numbers it and stamps its own time. */
  events?: NewEvent[];
  /** Messages of the inbox that this change has taken into account. */
  acknowledge?: string[];
  /** Nobody needs the typed secrets any more; they stay where a retry lies in the inbox unread. */
  wipeSecrets?: true;
}

export type NewEvent =
  | { type: 'log'; stepId: string | null; level: LogLevel; message: string }
  | { type: 'step'; stepId: string; name: string; status: StepStatus; attempt: number; waitingFor: string | null; failure: Failure | null }
  | { type: 'run'; status: RunStatus; failure: Failure | null }
  | {
      type: 'resource';
      resource: Pick<LedgerResource, 'kind' | 'externalId' | 'stepId' | 'state' | 'title' | 'url' | 'properties'>;
    };

export interface InboxMessage {
  id: string;
  kind: 'cancel' | 'retry' | 'undo' | 'signal';
  /** Of a `signal` its `{ key }`; of an `undo` that nobody asked for `{ automatic: true }`. */
  body: Record<string, unknown>;
}
