import type { EntityRef, EntityStatus, Operation, RunStatus } from '@slipway/contracts';
import type { Plan } from '@slipway/engine';

/** Accepts runs. `submit` is the hot path: one transaction, and for a CREATE one statement. */
export interface RunRequestStore {
  /** The run a key stands for, if it was used in the last 24 h. */
  findRepeat(key: Pick<IdempotencyKey, 'caller' | 'action' | 'key'>): Promise<{ runId: string; bodyHash: string } | null>;
  findEntity(entity: EntityRef): Promise<RequestedEntity | null>;
  /** Run, steps, entity, first event, outbox row and idempotency key: all of them, or a reason and none. */
  submit(run: NewRun): Promise<Submission>;
}

export interface IdempotencyKey {
  caller: string;
  action: string;
  key: string;
  bodyHash: string;
}

export interface RequestedEntity {
  team: string | null;
  /** On everything outside that is its own. */
  mark: string;
}

export interface NewRun {
  id: string;
  action: string;
  operation: Operation;
  entity: EntityRef;
  team: string | null;
  inputs: Record<string, unknown>;
  /** What was typed into secret fields, by name. */
  sealedSecrets: Record<string, string>;
  requestedBy: string;
  plan: Plan;
  templateDigest: string;
  traceId: string | null;
  /** CREATE only: the entity as it comes into being. `claims`: properties whose value one entity at a time may hold. */
  creates?: { title: string; properties: Record<string, unknown>; claims: Record<string, string> };
  idempotency: IdempotencyKey | null;
}

export type Submission =
  | { outcome: 'accepted'; createdAt: Date; behind: string[] }
  | { outcome: 'repeated'; runId: string; bodyHash: string }
  | { outcome: 'name_taken'; holder: Holder }
  | { outcome: 'claim_taken'; property: string; value: string; holder: Holder }
  | { outcome: 'entity_missing' }
  | { outcome: 'entity_not_ready'; status: EntityStatus }
  | { outcome: 'entity_busy'; run: { id: string; action: string; status: RunStatus; requestedBy: string } };

/** Who has what was asked for, and how it came to be. */
export interface Holder {
  identifier: string;
  status: EntityStatus;
  createdBy: string;
  createdAt: Date;
  runId: string;
  /** Titles of what still stands outside; says why a failed entity is not simply replaced. */
  standing: string[];
}
