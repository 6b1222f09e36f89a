import { z } from 'zod';
import type { ArgocdClient, CallContext } from './client.js';

export interface Registration {
  url: string;
  /** The owner's mark, if it carries one. */
  mark: string | undefined;
}

const RepositoryList = z.object({
  items: z.array(z.object({ repo: z.string(), name: z.string().optional(), project: z.string().optional() })).nullish(),
});

/**
 * Asks for the list: the call for a single repository answers "permission denied" where there is none, and puts the URL into
 * the path, which some proxies decode on the way. Without a project: a registration that every project may use.
 */
export async function findRepository(
  argocd: ArgocdClient,
  ctx: CallContext,
  url: string,
  project: string | undefined,
): Promise<Registration | undefined> {
  const { items } = await argocd.call(ctx, {
    what: `look for the repository ${url} in Argo CD`,
    method: 'GET',
    path: '/repositories',
    answer: RepositoryList,
  });
  const found = items?.find((item) => sameUrl(item.repo, url) && (item.project ?? '') === (project ?? ''));
  return found && { url: found.repo, mark: markOf(found.name) };
}

/**
 * A registration has no labels, but it has a name, free text that Argo CD keeps and shows and uses for Helm alone
 * (argoproj/argo-cd, util/db/repository_secrets.go): the owner's mark stands there.
 */
export function nameWithMark(mark: string): string {
  return `slipway:${mark}`;
}

function markOf(name: string | undefined): string | undefined {
  return name?.startsWith('slipway:') ? name.slice('slipway:'.length) : undefined;
}

/** As Argo CD compares: letter case, a final slash and `.git` make no difference. */
function sameUrl(a: string, b: string): boolean {
  return plainUrl(a) === plainUrl(b);
}

function plainUrl(url: string): string {
  return url
    .trim()
    .toLowerCase()
    .replace(/\/+$/, '')
    .replace(/\.git$/, '');
}
