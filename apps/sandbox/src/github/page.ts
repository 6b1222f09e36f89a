import type { FastifyInstance } from 'fastify';
import { resolveCommit } from '../git/commits.js';
import { listTree } from '../git/tree.js';
import type { Repository } from './model.js';
import type { PublishedImages } from './published-images.js';
import { fullName } from './repository-view.js';
import { Moved, type World } from './world.js';

interface Place {
  Params: { owner: string; repository: string; '*'?: string };
}

/**
 * What a person sees who follows a link to a repository. GitHub would show a private one only to people signed in; the
 * sandbox has no people, so it shows them all.
 */
export function pageRoutes(app: FastifyInstance, world: World, images: PublishedImages): void {
  app.get('/', (_request, reply) => reply.type('text/html; charset=utf-8').send(overview(world)));

  // Commits, runs, releases, environments: whatever of a repository answers and webhooks link to.
  for (const path of ['/:owner/:repository', '/:owner/:repository/*']) {
    app.get<Place>(path, async (request, reply) => {
      const { owner, repository: name, '*': part = '' } = request.params;
      if (!world.organizationNamed(owner)) return reply.callNotFound();
      const repository = find(owner, name, world);
      reply.type('text/html; charset=utf-8');
      if (!repository) return reply.code(404).send(page('Not found', '<p>No such repository.</p>'));
      return reply.send(await repositoryPage(repository, part, world));
    });
  }

  app.get<{ Params: { org: string; name: string } }>('/orgs/:org/packages/container/:name/:version', (request, reply) => {
    const name = `${request.params.org}/${request.params.name}`;
    const items = images.versions(name).map(({ tags, digest }) => `<li>${escape(tags.join(', '))} <code>${digest}</code></li>`);
    reply.type('text/html; charset=utf-8');
    if (items.length === 0) return reply.code(404).send(page('Not found', '<p>No such package.</p>'));
    return reply.send(page(name, `<p>Container images</p><ul>${items.join('')}</ul>`));
  });
}

function find(owner: string, name: string, world: World): Repository | undefined {
  try {
    return world.requireRepository(owner, name);
  } catch (error) {
    return error instanceof Moved ? error.repository : undefined;
  }
}

function overview(world: World): string {
  const names = world.repositories().map(fullName);
  const items = names.map((name) => `<li><a href="/${name}">${escape(name)}</a></li>`);
  return page(world.organization.name, `<ul>${items.join('')}</ul>`);
}

async function repositoryPage(repository: Repository, part: string, world: World): Promise<string> {
  const directory = world.gitDirectory(repository);
  const commit = await resolveCommit(directory, repository.defaultBranch);
  const files = commit ? await listTree(directory, commit, '') : [];
  const listed = files.map((file) => `<li>${escape(file.path)}${file.type === 'tree' ? '/' : ''}</li>`).join('');
  return page(
    fullName(repository),
    `${part === '' ? '' : `<p><strong>${escape(part)}</strong>: GitHub has a page of its own for this.</p>`}
    <p>${escape(repository.description ?? '')}</p>
    ${repository.archived ? '<p><strong>Archived:</strong> read-only.</p>' : ''}
    <p><code>git clone ${escape(`${world.url}/${fullName(repository)}.git`)}</code></p>
    <p>${escape(repository.defaultBranch)} ${commit ? `at <code>${commit.slice(0, 12)}</code>` : '(empty)'}</p>
    <ul>${listed}</ul>`,
  );
}

function page(title: string, body: string): string {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>${escape(title)}</title>
<body style="font-family: system-ui; max-width: 48rem; margin: 2rem auto">
<h1>${escape(title)}</h1>${body}<p><small>Slipway sandbox: a stand-in for GitHub</small></p></body></html>`;
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
