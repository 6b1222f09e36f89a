import type {
  EntityView,
  Operation,
  ResourceState,
  ResourceView,
  RunStatus,
  RunView,
  StepStatus,
  StepView,
} from '@slipway/contracts';
import type { Plan } from '@slipway/engine';
import { resourceProperties } from '@slipway/portal';

/** Rows as `pg` answers them, and what people see of them. Times inside JSON come as text. */
export interface RunViewRow {
  id: string;
  action: string;
  operation: string;
  blueprint: string;
  entity: string;
  team: string | null;
  status: string;
  behind: string[] | null;
  inputs: Record<string, unknown>;
  requested_by: string;
  plan: Plan;
  template_digest: string;
  failure: RunView['failure'];
  created_at: Date;
  updated_at: Date;
  ended_at: Date | null;
  steps: StepViewRow[] | null;
}

export interface StepViewRow {
  id: string;
  /** The step of the plan whose item this is. */
  parent: string | null;
  status: string;
  attempt: number;
  failure: StepView['failure'];
  wait: { reason: string } | null;
  started_at: string | null;
  ended_at: string | null;
}

export interface ResourceViewRow {
  kind: string;
  external_id: string;
  step_id: string;
  run_id: string;
  state: string;
  title: string;
  url: string | null;
  properties: Record<string, unknown>;
  created_at: Date;
  updated_at: Date;
}

export interface EntityViewRow {
  blueprint: string;
  identifier: string;
  title: string;
  team: string | null;
  status: string;
  properties: Record<string, unknown>;
  relations: Record<string, unknown>;
  created_by: string;
  created_at: Date;
  updated_at: Date;
  /** Those that are there and that the entity shows: by a link, a property or both. */
  made: Array<{ kind: string; externalId: string; title: string; url: string | null }> | null;
}

export function toRunView(row: RunViewRow): RunView {
  return {
    id: row.id,
    action: row.action,
    operation: row.operation as Operation,
    entity: { blueprint: row.blueprint, identifier: row.entity },
    status: row.status as RunStatus,
    behind: row.behind ?? [],
    inputs: row.inputs,
    secrets: (row.plan.secrets ?? []).map(({ name, title }) => ({ name, title })),
    requestedBy: row.requested_by,
    templateDigest: row.template_digest,
    failure: row.failure,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
    endedAt: row.ended_at?.toISOString() ?? null,
    steps: (row.steps ?? []).map((step) => toStepView(step, row.plan)),
  };
}

function toStepView(step: StepViewRow, plan: Plan): StepView {
  const planned = plan.steps.find((candidate) => candidate.id === (step.parent ?? step.id));
  return {
    id: step.id,
    name: planned?.name ?? step.id,
    action: planned?.action ?? '',
    status: step.status as StepStatus,
    needs: planned?.needs ?? [],
    attempt: step.attempt,
    startedAt: isoOrNull(step.started_at),
    endedAt: isoOrNull(step.ended_at),
    waitingFor: step.wait?.reason ?? null,
    failure: step.failure,
  };
}

export function toResourceView(row: ResourceViewRow): ResourceView {
  return {
    kind: row.kind,
    externalId: row.external_id,
    stepId: row.step_id,
    runId: row.run_id,
    state: row.state as ResourceState,
    title: row.title,
    url: row.url,
    properties: row.properties,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
  };
}

export function toEntityView(row: EntityViewRow): EntityView {
  const made = row.made ?? [];
  return {
    blueprint: row.blueprint,
    identifier: row.identifier,
    title: row.title,
    team: row.team,
    status: row.status as EntityView['status'],
    properties: { ...row.properties, ...resourceProperties(made) },
    relations: row.relations,
    links: made.flatMap(({ kind, title, url }) => (url === null ? [] : [{ kind, title, url }])),
    createdBy: row.created_by,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
  };
}

function isoOrNull(text: string | null): string | null {
  return text === null ? null : new Date(text).toISOString();
}
