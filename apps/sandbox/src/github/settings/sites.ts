import type { FastifyInstance } from 'fastify';
import type { components } from '@octokit/openapi-types';
import type { Collection } from '../../core/store.js';
import { assertWritable, GitHubError } from '../errors.js';
import type { Repository } from '../model.js';
import { fullName } from '../repository-view.js';
import type { RepositoryPlace } from '../rest.js';
import { keyIn, type World } from '../world.js';

interface Site {
  buildType: 'legacy' | 'workflow';
  source: { branch: string; path: string } | null;
  cname: string | null;
  httpsEnforced: boolean;
}

interface Asked {
  build_type?: Site['buildType'];
  source?: { branch: string; path?: string } | string;
  cname?: string | null;
  https_enforced?: boolean;
}

/** GitHub Pages: whether a repository has a site and whence. None is built or served. */
export function siteRoutes(app: FastifyInstance, world: World): void {
  const sites: Collection<Site> = world.collectionOfRepositories('sites');
  const open = ({ owner, repo }: RepositoryPlace['Params']) => {
    const repository = world.requireRepository(owner, repo);
    const site = sites.get(keyIn(repository));
    if (!site) throw new GitHubError(404, 'Not Found');
    return { repository, site };
  };

  app.get<RepositoryPlace>('/repos/:owner/:repo/pages', (request) => {
    const { repository, site } = open(request.params);
    return siteView(site, repository, world);
  });

  app.post<RepositoryPlace & { Body: Asked | null }>('/repos/:owner/:repo/pages', async (request, reply) => {
    const repository = world.requireRepository(request.params.owner, request.params.repo);
    assertWritable(repository);
    if (sites.get(keyIn(repository))) throw new GitHubError(409, 'GitHub Pages is already enabled.');
    const site = await siteOf(request.body ?? {}, undefined, repository, world);
    sites.set(keyIn(repository), site);
    return reply.code(201).send(siteView(site, repository, world));
  });

  app.put<RepositoryPlace & { Body: Asked }>('/repos/:owner/:repo/pages', async (request, reply) => {
    const { repository, site } = open(request.params);
    assertWritable(repository);
    sites.set(keyIn(repository), await siteOf(request.body, site, repository, world));
    return reply.code(204).send();
  });

  app.delete<RepositoryPlace>('/repos/:owner/:repo/pages', (request, reply) => {
    const { repository } = open(request.params);
    assertWritable(repository);
    sites.delete(keyIn(repository));
    return reply.code(204).send();
  });
}

/** @throws GitHubError 422 where it is to be built from a branch that is not there. */
async function siteOf(asked: Asked, kept: Site | undefined, repository: Repository, world: World): Promise<Site> {
  const site: Site = {
    buildType: asked.build_type ?? kept?.buildType ?? 'legacy',
    source: sourceOf(asked.source) ?? kept?.source ?? null,
    cname: asked.cname === undefined ? (kept?.cname ?? null) : asked.cname,
    httpsEnforced: asked.https_enforced ?? kept?.httpsEnforced ?? true,
  };
  if (site.buildType === 'workflow') return site;
  const branch = site.source?.branch ?? repository.defaultBranch;
  if (!(await world.refs(repository)).has(`refs/heads/${branch}`)) {
    throw new GitHubError(422, `The ${branch} branch must exist before GitHub Pages can be built.`);
  }
  return site;
}

/** The PUT takes `master /docs`, too. */
function sourceOf(source: Asked['source']): Site['source'] | undefined {
  if (source === undefined) return undefined;
  const { branch, path = '/' } = typeof source === 'string' ? { branch: source.split(' ')[0] ?? '', path: source.split(' ')[1] } : source;
  return { branch, path };
}

function siteView({ buildType, source, cname, httpsEnforced }: Site, repository: Repository, world: World) {
  return {
    url: `${world.apiUrl}/repos/${fullName(repository)}/pages`,
    // As an Enterprise Server without subdomains has them.
    html_url: `${world.url}/pages/${fullName(repository)}/`,
    status: null,
    cname,
    custom_404: false,
    build_type: buildType,
    ...(source && { source }),
    public: repository.visibility === 'public',
    https_enforced: httpsEnforced,
  } satisfies components['schemas']['page'];
}
