import type { Claim, InboxMessage, LedgerResource, ResourceRemoval, RunRecord, Signal, SleepRecord, StepRecord } from '@slipway/engine';

/** Rows as `pg` answers them: snake_case, bigint as text. Those of steps and resources come inside JSON, times as text. */
export interface RunRow {
  id: string;
  action: string;
  operation: string;
  blueprint: string;
  entity: string;
  status: string;
  inputs: Record<string, unknown>;
  requested_by: string;
  plan: RunRecord['plan'];
  template_digest: string;
  workspace_digest: string | null;
  mark: string;
  failure: RunRecord['failure'];
  undo_reason: string | null;
  started_at: Date | null;
  fence: string;
}

export interface StepJson {
  id: string;
  status: string;
  attempt: number;
  failures: number;
  losses: number;
  parent: string | null;
  item: number | null;
  each: StepRecord['each'];
  input: Record<string, unknown> | null;
  output: unknown;
  failure: StepRecord['failure'];
  wait: (Omit<SleepRecord, 'until' | 'since'> & { until: string; since?: string }) | null;
  started_at: string | null;
  ended_at: string | null;
}

export interface ResourceJson {
  kind: string;
  external_id: string;
  title: string;
  url: string | null;
  properties: Record<string, unknown>;
  state: string;
  run_id: string;
  step_id: string;
  depth: number;
  note: string | null;
  removal: (Omit<ResourceRemoval, 'since' | 'until' | 'unsureUntil'> & { since: string; until: string | null; unsureUntil?: string }) | null;
}

export interface SignalRow {
  id: string;
  key: string;
  body: unknown;
  sent_at: Date;
}

export interface InboxRow {
  id: string;
  kind: string;
  body: Record<string, unknown>;
}

export function toRun(row: RunRow): RunRecord {
  return {
    id: row.id,
    action: row.action,
    operation: row.operation as RunRecord['operation'],
    entity: { blueprint: row.blueprint, identifier: row.entity },
    status: row.status as RunRecord['status'],
    inputs: row.inputs,
    requestedBy: row.requested_by,
    plan: row.plan,
    templateDigest: row.template_digest,
    workspaceDigest: row.workspace_digest,
    mark: row.mark,
    failure: row.failure,
    undoReason: row.undo_reason as RunRecord['undoReason'],
    startedAt: row.started_at,
  };
}

export function toStep(row: StepJson): StepRecord {
  return {
    id: row.id,
    status: row.status as StepRecord['status'],
    attempt: row.attempt,
    failures: row.failures,
    losses: row.losses,
    parent: row.parent,
    item: row.item,
    each: row.each,
    input: row.input,
    output: row.output,
    failure: row.failure,
    wait: row.wait && toSleep(row.wait),
    startedAt: dateOrNull(row.started_at),
    endedAt: dateOrNull(row.ended_at),
  };
}

function toSleep({ until, since, ...wait }: NonNullable<StepJson['wait']>): SleepRecord {
  return { ...wait, until: new Date(until), ...(since === undefined ? {} : { since: new Date(since) }) };
}

export function toResource(row: ResourceJson): LedgerResource {
  return {
    kind: row.kind,
    externalId: row.external_id,
    title: row.title,
    url: row.url,
    properties: row.properties,
    state: row.state as LedgerResource['state'],
    runId: row.run_id,
    stepId: row.step_id,
    depth: row.depth,
    note: row.note,
    removal: row.removal && toRemoval(row.removal),
  };
}

function toRemoval({ since, until, unsureUntil, ...rest }: NonNullable<ResourceJson['removal']>): ResourceRemoval {
  const unsure = unsureUntil === undefined ? {} : { unsureUntil: new Date(unsureUntil) };
  return { ...rest, ...unsure, since: new Date(since), until: dateOrNull(until) };
}

export function toInboxMessage(row: InboxRow): Claim['inbox'][number] {
  return { id: row.id, kind: row.kind as InboxMessage['kind'], body: row.body };
}

export function toSignal(row: SignalRow): Signal {
  return { id: Number(row.id), key: row.key, body: row.body, at: row.sent_at };
}

function dateOrNull(text: string | null): Date | null {
  return text === null ? null : new Date(text);
}
