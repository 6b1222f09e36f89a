import { StepError } from '@slipway/engine';
import { z } from 'zod';
import type { ArgocdClient, CallContext } from './client.js';

const Health = z.object({ status: z.string().default('Unknown'), message: z.string().optional() });

/** What we use of Argo CD's Application. Times are RFC 3339 in whole seconds, by Argo CD's clock. */
export const Application = z.object({
  metadata: z.object({
    name: z.string(),
    namespace: z.string().optional(),
    labels: z.record(z.string(), z.string()).optional(),
    creationTimestamp: z.string().optional(),
    deletionTimestamp: z.string().optional(),
  }),
  /** Present while an operation is asked for and not yet taken up. */
  operation: z.object({}).optional(),
  status: z
    .object({
      sync: z.object({ status: z.string().default('Unknown'), revision: z.string().optional() }).prefault({}),
      health: Health.prefault({}),
      conditions: z.array(z.object({ type: z.string(), message: z.string().default('') })).default([]),
      reconciledAt: z.string().optional(),
      operationState: z
        .object({
          phase: z.string(),
          message: z.string().optional(),
          startedAt: z.string(),
          finishedAt: z.string().optional(),
          syncResult: z.object({ revision: z.string().optional() }).optional(),
        })
        .nullish(),
      resources: z
        .array(z.object({ kind: z.string(), name: z.string(), status: z.string().optional(), health: Health.optional() }))
        .default([]),
    })
    .prefault({}),
});
export type Application = z.infer<typeof Application>;

export const ownerLabel = 'slipway.dev/owner';

/**
 * Undefined where there is none. The project goes along always: without it, Argo CD answers "permission denied" for what
 * does not exist. `refresh` has Argo CD compare anew and answers after that.
 */
export async function findApplication(
  argocd: ArgocdClient,
  ctx: CallContext,
  name: string,
  options: { project?: string; refresh?: boolean } = {},
): Promise<Application | undefined> {
  try {
    return await argocd.call(ctx, {
      what: `look at the application ${name} in Argo CD`,
      method: 'GET',
      path: `/applications/${encodeURIComponent(name)}`,
      query: { project: options.project ?? argocd.config.project, ...(options.refresh && { refresh: 'normal' }) },
      answer: Application,
    });
  } catch (error) {
    if (error instanceof StepError && error.code === 'argocd_not_found') return undefined;
    throw error;
  }
}

export function applicationUrl(argocd: ArgocdClient, name: string, namespace = 'argocd'): string {
  return `${argocd.config.url}/applications/${namespace}/${name}`;
}
