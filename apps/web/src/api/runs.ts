import * as z from 'zod/mini';
import { ask } from './ask.js';
import { call } from './call.js';
import { Operation } from './actions.js';

export const RunStatus = z.enum(['WAITING_FOR_APPROVAL', 'QUEUED', 'RUNNING', 'WAITING', 'UNDOING', 'SUCCEEDED', 'FAILED', 'CANCELLED', 'DECLINED']);
export type RunStatus = z.infer<typeof RunStatus>;

export const StepStatus = z.enum(['PENDING', 'RUNNING', 'WAITING', 'SUCCEEDED', 'FAILED', 'SKIPPED', 'CANCELLED', 'UNDOING', 'UNDONE', 'UNDO_FAILED']);
export type StepStatus = z.infer<typeof StepStatus>;

export const Failure = z.object({ code: z.string(), message: z.string(), remedy: z.nullish(z.string()) });
export type Failure = z.infer<typeof Failure>;

const Step = z.object({
  id: z.string(),
  name: z.string(),
  status: StepStatus,
  needs: z.array(z.string()),
  attempt: z.number(),
  startedAt: z.nullable(z.string()),
  endedAt: z.nullable(z.string()),
  waitingFor: z.nullable(z.string()),
  failure: z.nullable(Failure),
});
export type Step = z.infer<typeof Step>;

const RunSummary = z.object({
  id: z.string(),
  action: z.string(),
  operation: Operation,
  entity: z.object({ blueprint: z.string(), identifier: z.string() }),
  status: RunStatus,
  requestedBy: z.string(),
  createdAt: z.string(),
  endedAt: z.nullable(z.string()),
});
export type RunSummary = z.infer<typeof RunSummary>;

const Text = z.nullish(z.string());
const RunOutput = z.object({
  links: z.array(z.object({ title: Text, url: Text, entityRef: Text })),
  text: z.array(z.object({ title: Text, content: z.string() })),
});
export type RunOutput = z.infer<typeof RunOutput>;

const Run = z.extend(RunSummary, {
  behind: z.array(z.string()),
  failure: z.nullable(Failure),
  secrets: z.array(z.object({ name: z.string(), title: z.string() })),
  steps: z.array(Step),
  output: RunOutput,
});
export type Run = z.infer<typeof Run>;

const summaryFields = 'id action operation entity { blueprint identifier } status requestedBy createdAt endedAt';
const failureFields = 'failure { code message remedy }';

export const runQuery = `query Run($id: ID!) {
  run(id: $id) {
    ${summaryFields} behind ${failureFields}
    secrets { name title }
    steps { id name status needs attempt startedAt endedAt waitingFor ${failureFields} }
    output { links { title url entityRef } text { title content } }
  }
}`;

/** Null when there is none of that id, or none that this person may see. */
export async function loadRun(id: string, signal?: AbortSignal): Promise<Run | null> {
  return (await ask(runQuery, { id }, z.object({ run: z.nullable(Run) }), signal)).run;
}

export const runsQuery = `query Runs($filter: RunFilter, $first: Int) { runs(filter: $filter, first: $first) { nodes { ${summaryFields} } } }`;

interface RunsFilter {
  blueprint?: string;
  entity?: string;
}

/** Newest first. */
export async function loadRuns(filter: RunsFilter, first: number, signal?: AbortSignal): Promise<RunSummary[]> {
  return (await ask(runsQuery, { filter, first }, z.object({ runs: z.object({ nodes: z.array(RunSummary) }) }), signal)).runs.nodes;
}

export function isOver(status: RunStatus): boolean {
  return status === 'SUCCEEDED' || status === 'FAILED' || status === 'CANCELLED' || status === 'DECLINED';
}

const Accepted = z.object({ run: z.object({ id: z.string() }) });

export interface RunRequest {
  properties: Record<string, unknown>;
  /** The entity of an action that changes or deletes one. */
  entity?: string;
}

/** Answers with the new run's id; the same key and request answer with the same run. */
export async function requestRun(action: string, request: RunRequest, idempotencyKey: string): Promise<string> {
  const path = `/v1/actions/${encodeURIComponent(action)}/runs`;
  const answer = await call(path, { method: 'POST', body: request, headers: { 'idempotency-key': idempotencyKey } });
  return z.parse(Accepted, answer).run.id;
}

export type RunDemand = 'cancel' | 'retry' | 'undo';

/** Accepted does not mean done: what comes of it is told by the run's events. A retry may have to bring secrets. */
export async function demand(runId: string, what: RunDemand, secrets?: Record<string, string>): Promise<void> {
  await call(`/v1/actions/runs/${encodeURIComponent(runId)}/${what}`, { method: 'POST', body: secrets ? { secrets } : {} });
}
