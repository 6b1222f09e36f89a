import type { Claim, InboxMessage, LedgerResource, RunRecord, SleepRecord, StepRecord } from '@slipway/engine';

/** Rows as `pg` answers them: snake_case, bigint as text. */
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

export interface StepRow {
  id: string;
  status: string;
  attempt: number;
  input: Record<string, unknown> | null;
  output: unknown;
  failure: StepRecord['failure'];
  wait: (Omit<SleepRecord, 'until'> & { until: string }) | null;
  started_at: Date | null;
  ended_at: Date | null;
}

export interface ResourceRow {
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

export function toStep(row: StepRow): StepRecord {
  return {
    id: row.id,
    status: row.status as StepRecord['status'],
    attempt: row.attempt,
    input: row.input,
    output: row.output,
    failure: row.failure,
    wait: row.wait && { ...row.wait, until: new Date(row.wait.until) },
    startedAt: row.started_at,
    endedAt: row.ended_at,
  };
}

export function toResource(row: ResourceRow): LedgerResource {
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
  };
}

export function toInboxMessage(row: InboxRow): Claim['inbox'][number] {
  return { id: row.id, kind: row.kind as InboxMessage['kind'], body: row.body };
}
