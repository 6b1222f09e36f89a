import type { Application } from './application.js';
import type { ArgocdClient, CallContext } from './client.js';
import { describeUnhealthy } from './readiness.js';
import { describeTree } from './resource-tree.js';

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
  return describeTree(argocd, ctx, named, describeUnhealthy);
}
