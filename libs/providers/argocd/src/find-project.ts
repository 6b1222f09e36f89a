import { StepError } from '@slipway/engine';
import { z } from 'zod';
import type { ArgocdClient, CallContext } from './client.js';

/** What we use of Argo CD's AppProject. */
export const Project = z.object({
  metadata: z.object({
    name: z.string(),
    resourceVersion: z.string().optional(),
    labels: z.record(z.string(), z.string()).optional(),
  }),
  /** Whole, so that a change of it keeps what others have set. */
  spec: z.looseObject({
    description: z.string().optional(),
    sourceRepos: z.array(z.string()).nullish(),
    destinations: z.array(z.looseObject({ server: z.string().optional(), namespace: z.string().optional() })).nullish(),
  }),
});
export type Project = z.infer<typeof Project>;

/** Undefined where there is none. */
export async function findProject(argocd: ArgocdClient, ctx: CallContext, name: string): Promise<Project | undefined> {
  try {
    return await argocd.call(ctx, {
      what: `look at the project ${name} in Argo CD`,
      method: 'GET',
      path: `/projects/${encodeURIComponent(name)}`,
      answer: Project,
    });
  } catch (error) {
    if (error instanceof StepError && error.code === 'argocd_not_found') return undefined;
    throw error;
  }
}
