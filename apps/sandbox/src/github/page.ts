import type { FastifyInstance } from 'fastify';
import { resolveCommit } from '../git/commits.js';
import { listTree } from '../git/tree.js';
import type { Repository } from './model.js';
import { fullName } from './repository-view.js';
import { Moved, type World } from './world.js';

interface Place {
  Params: { owner: string; repository: string };
}

/**
 * What a person sees who follows a link to a repository. GitHub would show a private one only to people signed in; the
 * sandbox has no people, so it shows them all.
 */
export function pageRoutes(app: FastifyInstance, world: World): void {
  app.get('/', (_request, reply) => reply.type('text/html; charset=utf-8').send(overview(world)));

  app.get<Place>('/:owner/:repository', async (request, reply) => {
    const { owner, repository: name } = request.params;
    if (!world.organizationNamed(owner)) return reply.callNotFound();
    const repository = find(owner, name, world);
    reply.type('text/html; charset=utf-8');
    if (!repository) return reply.code(404).send(page('Not found', '<p>No such repository.</p>'));
    return reply.send(await repositoryPage(repository, world));
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

async function repositoryPage(repository: Repository, world: World): Promise<string> {
  const directory = world.gitDirectory(repository);
  const commit = await resolveCommit(directory, repository.defaultBranch);
  const files = commit ? await listTree(directory, commit, '') : [];
  const listed = files.map((file) => `<li>${escape(file.path)}${file.type === 'tree' ? '/' : ''}</li>`).join('');
  return page(
    fullName(repository),
    `<p>${escape(repository.description ?? '')}</p>
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
