import type { LedgerResource, ResourceKind } from '@slipway/engine';
import { anyObject, type ArgocdClient } from './client.js';
import { findRepository } from './find-repository.js';

export const repositoryKind = 'argocd:repository';

export function argocdRepository(argocd: ArgocdClient): ResourceKind {
  return {
    kind: repositoryKind,
    async observe(ctx, resource) {
      const found = await findRepository(argocd, ctx, resource.externalId, projectOf(argocd, resource));
      return found ? { exists: true, owned: found.mark === ctx.mark } : { exists: false };
    },
    async remove(ctx, resource) {
      const project = projectOf(argocd, resource);
      const found = await findRepository(argocd, ctx, resource.externalId, project);
      if (!found) return { outcome: 'absent' };
      if (found.mark !== ctx.mark) {
        return { outcome: 'foreign', note: `Argo CD's repository ${found.url} was registered by somebody else: left as it is.` };
      }
      await argocd.call(ctx, {
        what: `remove the repository ${found.url} from Argo CD`,
        method: 'DELETE',
        path: `/repositories/${encodeURIComponent(found.url)}`,
        query: { appProject: project ?? '' },
        answer: anyObject,
      });
      ctx.log.info(`Removed the repository ${found.url} from Argo CD.`);
      return { outcome: 'removed' };
    },
  };
}

/** Which project alone it was registered for; undefined: it is there for all. */
function projectOf({ config }: ArgocdClient, { properties }: LedgerResource): string | undefined {
  if (typeof properties['project'] === 'string') return properties['project'] || undefined;
  // A row of before this was kept.
  return config.repositoryScope === 'project' ? config.project : undefined;
}
