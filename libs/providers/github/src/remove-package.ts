import type { ResourceContext } from '@slipway/engine';
import type { GithubClient } from './client.js';
import type { Repository } from './find-repository.js';
import { isOneOf } from './is-one-of.js';

/**
 * Removes the container package that the repository's workflow published: GitHub keeps an organisation's packages when their
 * repository goes. To be called before that: afterwards nothing tells whose the package was. One of the same name that is
 * linked to another repository, or to none, is left.
 */
export async function removePackage(github: GithubClient, ctx: ResourceContext, repository: Repository): Promise<void> {
  const which = { org: repository.owner, package_type: 'container' as const, package_name: repository.name.toLowerCase() };
  const title = `the container package ${which.org}/${which.package_name}`;
  if ((await linkedRepository(github, ctx, which, title)) !== repository.id) return;
  try {
    await github.call(ctx, { what: `delete ${title}`, write: true, needs: { packages: 'write' }, send: (octokit) => octokit.rest.packages.deletePackageForOrg(which) });
  } catch (error) {
    // Gone since we looked, by another's hand; or there, and our token may not delete it.
    if (!isOneOf(error, ['github_not_found']) || (await linkedRepository(github, ctx, which, title)) === repository.id) throw error;
  }
  ctx.log.info(`Deleted ${title}.`);
}

// A type and not an interface: octokit wants an index signature.
type ContainerPackage = { org: string; package_type: 'container'; package_name: string };

/** The id of the repository that the package is linked to; undefined too where there is no package, or none that we may see. */
async function linkedRepository(
  github: GithubClient,
  ctx: ResourceContext,
  which: ContainerPackage,
  title: string,
): Promise<number | undefined> {
  try {
    const look = { what: `look for ${title}`, needs: { packages: 'read' } } as const;
    const { data } = await github.call(ctx, { ...look, send: (octokit) => octokit.rest.packages.getPackageForOrganization(which) });
    return data.repository ? Number(data.repository.id) : undefined;
  } catch (error) {
    if (isOneOf(error, ['github_not_found'])) return undefined;
    // Packages are not open to every kind of token, and not every server has them. The repository can be removed all the same.
    if (!isOneOf(error, ['github_forbidden', 'github_rejected'])) throw error;
    ctx.log.warn(`${error.message} If there is one, it stays: delete it on GitHub.`);
    return undefined;
  }
}
