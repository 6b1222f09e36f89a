import { StepError } from '@slipway/engine';
import { z } from 'zod';
import type { Application } from './application.js';
import type { ArgocdClient, CallContext } from './client.js';
import { describeUnhealthy } from './readiness.js';

const Health = z.object({ status: z.string(), message: z.string().optional() });
const Tree = z.object({ nodes: z.array(z.object({ kind: z.string(), name: z.string(), health: Health.optional() })).nullish() });

/**
 * What the parts of an application say about themselves, as text to append; empty where all are well. From version 3 on
 * Argo CD keeps that in the resource tree and not in the application.
 */
export async function unhealthyResources(
  argocd: ArgocdClient,
  ctx: CallContext,
  named: { name: string; project?: string | undefined },
  application: Application,
): Promise<string> {
  const { resources, health } = application.status;
  // Whoever reads `health is …` has these already.
  if (health.status === 'Healthy' || resources.some((resource) => resource.health)) return '';
  try {
    const { nodes } = await argocd.call(ctx, {
      what: `read what the application ${named.name} consists of`,
      method: 'GET',
      path: `/applications/${encodeURIComponent(named.name)}/resource-tree`,
      query: { project: named.project ?? argocd.config.project },
      answer: Tree,
    });
    return describeUnhealthy(nodes ?? []);
  } catch (error) {
    if (!(error instanceof StepError)) throw error;
    // It explains a failure, and must not take its place.
    return ` (and why cannot be read: ${error.message})`;
  }
}
