import type { LedgerResource, Removal, ResourceKind } from '@slipway/engine';
import { findApplication, ownerLabel, type Application } from './application.js';
import { anyObject, type ArgocdClient } from './client.js';
import { whatIsLeft } from './what-is-left.js';

export const applicationKind = 'argocd:application';

/** Goes with all that it deployed, and is gone only when Argo CD no longer shows it. */
export function argocdApplication(argocd: ArgocdClient): ResourceKind {
  return {
    kind: applicationKind,
    async observe(ctx, resource) {
      const found = await findApplication(argocd, ctx, resource.externalId, { project: projectOf(argocd, resource) });
      if (!found) return { exists: false };
      const { sync, health } = found.status;
      return {
        exists: true,
        owned: found.metadata.labels?.[ownerLabel] === ctx.mark,
        detail: `${sync.status}, ${health.status}`,
      };
    },
    async remove(ctx, resource) {
      const project = projectOf(argocd, resource);
      const found = await findApplication(argocd, ctx, resource.externalId, { project });
      if (!found) return { outcome: 'absent' };
      const { name, labels, deletionTimestamp } = found.metadata;
      if (labels?.[ownerLabel] !== ctx.mark) {
        return { outcome: 'foreign', note: `Argo CD's application ${name} belongs to somebody else: left as it is.` };
      }
      if (deletionTimestamp !== undefined) return underWay(found, await whatIsLeft(argocd, ctx, found, project));
      await argocd.call(ctx, {
        what: `delete the application ${name} from Argo CD`,
        method: 'DELETE',
        path: `/applications/${encodeURIComponent(name)}`,
        query: { cascade: 'true', propagationPolicy: 'foreground', project },
        answer: anyObject,
      });
      ctx.log.info(`Asked Argo CD to delete the application ${name} and what it deployed.`);
      return underWay(found, '');
    },
  };
}

function projectOf(argocd: ArgocdClient, resource: LedgerResource): string {
  const { project } = resource.properties;
  return typeof project === 'string' ? project : argocd.config.project;
}

/** Deletion is not over when the API has answered; a cluster that is gone, or a finalizer, holds it for ever. */
function underWay(found: Application, left: string): Removal {
  const fault = found.status.conditions.find((condition) => condition.type === 'DeletionError');
  const reason = `Argo CD is deleting the application ${found.metadata.name}${fault ? `: ${fault.message}` : ''}${left}`;
  return { outcome: 'pending', afterMs: 1_000, reason };
}
