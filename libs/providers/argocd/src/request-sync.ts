import type { StepContext } from '@slipway/engine';
import { Application } from './application.js';
import type { ArgocdClient } from './client.js';

interface SyncRequest {
  name: string;
  project: string;
  /** Absent: the newest commit of what it follows, the only one that Argo CD takes where it syncs by itself. */
  revision?: string;
  prune: boolean;
  /** Tries after the first that fails. */
  retries: number;
}

/** One operation at a time: where another runs, Argo CD refuses this one (`argocd_operation_in_progress`). */
export async function requestSync(argocd: ArgocdClient, ctx: StepContext, request: SyncRequest): Promise<Application> {
  const { name, project, revision, prune, retries } = request;
  return argocd.call(ctx, {
    what: `sync the application ${name}`,
    method: 'POST',
    path: `/applications/${encodeURIComponent(name)}/sync`,
    body: {
      ...{ name, project, prune, ...(revision !== undefined && { revision }) },
      infos: [{ name: 'slipway', value: operationMark(ctx) }],
      retryStrategy: { limit: retries, backoff: { duration: '5s', factor: 2, maxDuration: '1m' } },
    },
    answer: Application,
  });
}

/** Which step of which run asked for an operation; Argo CD keeps it with the operation. */
export function operationMark({ runId, stepId }: StepContext): string {
  return `${runId} ${stepId}`;
}
