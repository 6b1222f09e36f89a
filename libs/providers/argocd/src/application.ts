import { StepError } from '@slipway/engine';
import { z } from 'zod';
import type { ArgocdClient, CallContext } from './client.js';

const Health = z.object({ status: z.string().default('Unknown'), message: z.string().optional() });

/** What is to be done to an application, or is being done. */
const Operation = z.object({
  sync: z
    .object({
      /** The commit, once Argo CD has looked it up. */
      revision: z.string().optional(),
      dryRun: z.boolean().optional(),
      /** Given where the sync is of a part alone. */
      resources: z.array(z.unknown()).nullish(),
    })
    .optional(),
  initiatedBy: z.object({ username: z.string().optional(), automated: z.boolean().optional() }).prefault({}),
  /** Words of whoever asked for it, which Argo CD keeps and shows. */
  info: z.array(z.object({ name: z.string(), value: z.string() })).nullish(),
});
export type Operation = z.infer<typeof Operation>;

/** What we use of Argo CD's Application. Times are RFC 3339 in whole seconds, by Argo CD's clock. */
export const Application = z.object({
  metadata: z.object({
    name: z.string(),
    namespace: z.string().optional(),
    labels: z.record(z.string(), z.string()).optional(),
    creationTimestamp: z.string().optional(),
    deletionTimestamp: z.string().optional(),
    finalizers: z.array(z.string()).nullish(),
  }),
  spec: z
    .object({
      source: z.object({ repoURL: z.string().default(''), targetRevision: z.string().optional() }).optional(),
      syncPolicy: z.object({ automated: z.object({ enabled: z.boolean().optional() }).nullish() }).nullish(),
    })
    .prefault({}),
  /** Present from when an operation is asked for until it has ended. */
  operation: Operation.optional(),
  status: z
    .object({
      sync: z.object({ status: z.string().default('Unknown'), revision: z.string().optional() }).prefault({}),
      health: Health.prefault({}),
      conditions: z.array(z.object({ type: z.string(), message: z.string().default('') })).default([]),
      reconciledAt: z.string().optional(),
      operationState: z
        .object({
          operation: Operation.prefault({}),
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

/** Whether Argo CD syncs it by itself, and so refuses any revision but the one that it follows. */
export function isAutomated({ spec }: Application): boolean {
  const automated = spec.syncPolicy?.automated;
  return automated != null && automated.enabled !== false;
}

export function applicationUrl(argocd: ArgocdClient, name: string, namespace = 'argocd'): string {
  return `${argocd.config.url}/applications/${namespace}/${name}`;
}
