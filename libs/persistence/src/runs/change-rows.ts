import type { NewEvent, StepRecord } from '@slipway/engine';

/** What of a change is for the run's own row: any part of it, or its end. */
export type RunPart = 'run' | 'end';

/** Of the run's own row; `patch` is what in the statement holds the change as JSON. */
export function patchSql(changed: RunPart, patch: string): string {
  const ended =
    changed === 'end'
      ? 'ended_at = now(), lease_owner = NULL, lease_until = NULL, wake_at = NULL'
      : `ended_at = CASE WHEN ${patch} ? 'status' THEN NULL ELSE ended_at END`;
  return `, ${ended},
      status = coalesce(${patch} ->> 'status', status),
      failure = CASE WHEN ${patch} ? 'failure' THEN nullif(${patch} -> 'failure', 'null') ELSE failure END,
      workspace_digest = coalesce(${patch} ->> 'workspaceDigest', workspace_digest),
      undo_reason = CASE WHEN ${patch} ? 'undoReason' THEN ${patch} ->> 'undoReason' ELSE undo_reason END,
      started_at = CASE WHEN ${patch} ? 'startedAt' THEN (${patch} ->> 'startedAt')::timestamptz ELSE started_at END`;
}

/** What is null is left out, and read as null. */
export function stepColumns({ id, status, attempt, failures, losses, parent, item, each, input, output, failure, wait, startedAt, endedAt }: StepRecord): Record<string, unknown> {
  const place = parent === null ? {} : { parent, item, each };
  const state = { input: input ?? undefined, output: output ?? undefined, failure: failure ?? undefined, wait: wait ?? undefined };
  return { id, status, attempt, failures, losses, ...place, ...state, started_at: startedAt ?? undefined, ended_at: endedAt ?? undefined };
}

/** From a row `change` with these columns. */
export const stepAssignments = `status = change.status, attempt = change.attempt, failures = change.failures, losses = change.losses,
      input = change.input, output = change.output, failure = nullif(change.failure, 'null'), wait = nullif(change.wait, 'null'),
      started_at = change.started_at, ended_at = change.ended_at`;

/** Offsets from the run's last numbers, which the statement knows. */
export function numbered(events: readonly NewEvent[]): Array<{ offset: number; line: number | undefined; type: string; body: unknown }> {
  let line = 0;
  return events.map(({ type, ...body }, index) => ({ offset: index + 1, line: type === 'log' ? (line += 1) : undefined, type, body }));
}
