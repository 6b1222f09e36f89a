import { type Principal, SlipwayError, type TemplateSourceView } from '@slipway/contracts';
import { isStorable } from '../storable.js';
import { type RefreshSourceDeps, refreshSource } from './refresh-source.js';
import type { TemplateSource, TemplateSourceStore } from './template-source-store.js';

/** Every source with its versions, for administrators. */
export function listSources(deps: { sources: TemplateSourceStore }, query: { principal: Principal }): Promise<TemplateSourceView[]> {
  refuseOthers(query.principal);
  return deps.sources.list();
}

/** Looks at one source now, and answers how it stands then; a failure to read it is in the answer. */
export async function refreshSourceNow(
  deps: RefreshSourceDeps,
  command: { principal: Principal; source: string },
): Promise<TemplateSourceView> {
  refuseOthers(command.principal);
  // What failed is noted with the source, which is the answer.
  await refreshSource(deps, await knownSource(deps.sources, command.source)).catch(() => undefined);
  return viewOf(deps.sources, command.source);
}

/**
 * Offers one version, an older one too, and holds it: newer ones wait. `latest` lets go again. `conflict` for a version that
 * is broken, or whose action another source offers by now.
 */
export async function offerVersion(
  deps: { sources: TemplateSourceStore },
  command: { principal: Principal; source: string; version: string },
): Promise<TemplateSourceView> {
  const { principal, source, version } = command;
  refuseOthers(principal);
  await knownSource(deps.sources, source);
  const offer = await deps.sources.choose(source, version, principal.id);
  switch (offer.outcome) {
    case 'offered':
      return viewOf(deps.sources, source);
    case 'no_such_version':
      throw new SlipwayError('not_found', `The source "${source}" has no version ${version}.`);
    case 'broken':
      throw new SlipwayError('conflict', `Version ${version} has errors: see its findings. It cannot be offered.`);
    case 'action_taken':
      throw new SlipwayError('conflict', `Version ${version} has an action "${offer.action}", which another source offers.`);
  }
}

/** Looks soon at every source that follows one of the branches; one push may be news to several. */
export async function noticePushes(
  deps: { sources: TemplateSourceStore },
  pushes: ReadonlyArray<{ repository: string; branch: string }>,
): Promise<void> {
  if (pushes.length === 0) return;
  for (const { name, url, reference } of await deps.sources.repositories()) {
    if (pushes.some(({ repository, branch }) => reference === branch && isRepository(url, repository))) await deps.sources.makeDue(name);
  }
}

/** `acme/paths` is at the end of its address, whatever the host. */
function isRepository(url: string, fullName: string): boolean {
  const path = new URL(url).pathname.replace(/\.git$/, '').replace(/\/+$/, '');
  return path.toLowerCase() === `/${fullName.toLowerCase()}`;
}

async function knownSource(sources: TemplateSourceStore, name: string): Promise<TemplateSource> {
  const found = isStorable(name) ? await sources.find(name) : null;
  if (!found) throw new SlipwayError('not_found', `There is no template source "${name.slice(0, 100)}".`);
  return found;
}

async function viewOf(sources: TemplateSourceStore, name: string): Promise<TemplateSourceView> {
  const found = (await sources.list()).find((source) => source.name === name);
  if (!found) throw new SlipwayError('not_found', `There is no template source "${name}" any more.`);
  return found;
}

function refuseOthers({ roles }: Principal): void {
  if (!roles.includes('admin')) throw new SlipwayError('forbidden', 'Only an administrator manages template sources.');
}
