import type { ResourceKind } from '@slipway/engine';
import { ownerLabel } from './application.js';
import { anyObject, type ArgocdClient } from './client.js';
import { findProject } from './find-project.js';

export const projectKind = 'argocd:project';

/** Argo CD keeps a project as long as an application belongs to it: those go first. */
export function argocdProject(argocd: ArgocdClient): ResourceKind {
  return {
    kind: projectKind,
    async observe(ctx, { externalId }) {
      const found = await findProject(argocd, ctx, externalId);
      return found ? { exists: true, owned: found.metadata.labels?.[ownerLabel] === ctx.mark } : { exists: false };
    },
    async remove(ctx, { externalId }) {
      const found = await findProject(argocd, ctx, externalId);
      if (!found) return { outcome: 'absent' };
      if (found.metadata.labels?.[ownerLabel] !== ctx.mark) {
        return { outcome: 'foreign', note: `Argo CD's project ${externalId} belongs to somebody else: left as it is.` };
      }
      await argocd.call(ctx, {
        what: `delete the project ${externalId} from Argo CD`,
        method: 'DELETE',
        path: `/projects/${encodeURIComponent(externalId)}`,
        answer: anyObject,
      });
      ctx.log.info(`Removed the project ${externalId} from Argo CD.`);
      return { outcome: 'removed' };
    },
  };
}
