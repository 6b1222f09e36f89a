import { z } from 'zod';

export const RunStatus = z.enum([
  'WAITING_FOR_APPROVAL',
  'QUEUED',
  'RUNNING',
  'WAITING',
  'UNDOING',
  'SUCCEEDED',
  'FAILED',
  'CANCELLED',
  'DECLINED',
]);
export type RunStatus = z.infer<typeof RunStatus>;

export const StepStatus = z.enum([
  'PENDING',
  'RUNNING',
  'WAITING',
  'SUCCEEDED',
  'FAILED',
  'SKIPPED',
  'CANCELLED',
  'UNDOING',
  'UNDONE',
  'UNDO_FAILED',
]);
export type StepStatus = z.infer<typeof StepStatus>;

export const terminalRunStatuses: readonly RunStatus[] = ['SUCCEEDED', 'FAILED', 'CANCELLED', 'DECLINED'];

export function isTerminal(status: RunStatus): boolean {
  return terminalRunStatuses.includes(status);
}

/** What a failure says: what happened, a stable code, and what to do next. Never a secret value. */
export const Failure = z.object({ code: z.string(), message: z.string(), remedy: z.string().optional() });
export type Failure = z.infer<typeof Failure>;

export const Operation = z.enum(['CREATE', 'DAY-2', 'DELETE']);
export type Operation = z.infer<typeof Operation>;

/** An entity, as a run points to it. */
export const EntityRef = z.object({ blueprint: z.string(), identifier: z.string() });
export type EntityRef = z.infer<typeof EntityRef>;

/** One step of a run as people see it. Times are ISO 8601, UTC. */
export const StepView = z.object({
  id: z.string(),
  name: z.string(),
  action: z.string(),
  status: StepStatus,
  needs: z.array(z.string()),
  attempt: z.number().int(),
  startedAt: z.iso.datetime().nullable(),
  endedAt: z.iso.datetime().nullable(),
  waitingFor: z.string().nullable(),
  failure: Failure.nullable(),
});
export type StepView = z.infer<typeof StepView>;

export const RunView = z.object({
  id: z.string(),
  action: z.string(),
  operation: Operation,
  entity: EntityRef,
  status: RunStatus,
  /** The runs of the same entity that go first, in their turn, at most 20 of them; none unless it is QUEUED. */
  behind: z.array(z.string()),
  inputs: z.record(z.string(), z.unknown()),
  /** What was typed into secret fields, by name and as the form calls it. The values are nowhere to be seen. */
  secrets: z.array(z.object({ name: z.string(), title: z.string() })),
  requestedBy: z.string(),
  templateDigest: z.string(),
  failure: Failure.nullable(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
  endedAt: z.iso.datetime().nullable(),
  steps: z.array(StepView),
});
export type RunView = z.infer<typeof RunView>;

/** The body of `POST /v1/actions/runs/{id}/retry`: secrets that are asked for again, or that were wrong. */
export const RetryRunBody = z.object({ secrets: z.record(z.string(), z.unknown()).default({}) });
export type RetryRunBody = z.infer<typeof RetryRunBody>;
