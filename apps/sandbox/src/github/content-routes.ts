import type { FastifyInstance } from 'fastify';
import { resolveCommit } from '../git/commits.js';
import { listTree, readBlob, type TreeEntry } from '../git/tree.js';
import { GitHubError } from './errors.js';
import type { Repository } from './model.js';
import { fullName } from './repository-view.js';
import type { RepositoryPlace } from './rest.js';
import type { World } from './world.js';

interface ContentPlace {
  Params: RepositoryPlace['Params'] & { '*'?: string };
  Querystring: { ref?: string };
}

export function contentRoutes(app: FastifyInstance, world: World): void {
  for (const path of ['/repos/:owner/:repo/contents', '/repos/:owner/:repo/contents/*']) {
    app.get<ContentPlace>(path, async (request, reply) => {
      const repository = world.requireRepository(request.params.owner, request.params.repo);
      const ref = request.query.ref ?? repository.defaultBranch;
      const commit = await requireCommit(repository, request.query.ref, world);
      const wanted = (request.params['*'] ?? '').replace(/^\/+|\/+$/g, '');
      const directory = world.gitDirectory(repository);
      const self = wanted === '' ? undefined : (await listTree(directory, commit, wanted))[0];
      if (wanted !== '' && !self) throw new GitHubError(404, 'Not Found');
      if (self && self.type !== 'tree') {
        const content = await readBlob(directory, self.sha);
        if (/raw/.test(request.headers.accept ?? '')) return reply.type('application/octet-stream').send(content);
        return fileView(self, content, repository, ref, world);
      }
      const entries = await listTree(directory, commit, wanted === '' ? '' : `${wanted}/`);
      return entries.map((entry) => entryView(entry, repository, ref, world));
    });
  }
}

async function requireCommit(repository: Repository, ref: string | undefined, world: World): Promise<string> {
  const refs = await world.refs(repository);
  if (refs.size === 0) throw new GitHubError(404, 'This repository is empty.');
  const commit = await resolveCommit(world.gitDirectory(repository), ref ?? repository.defaultBranch);
  if (!commit) throw new GitHubError(404, `No commit found for the ref ${ref ?? repository.defaultBranch}`);
  return commit;
}

function fileView(entry: TreeEntry, content: Buffer, repository: Repository, ref: string, world: World) {
  // GitHub breaks base64 into lines of 60 characters.
  const base64 = content.toString('base64').replaceAll(/.{1,60}/g, '$&\n');
  return { ...entryView(entry, repository, ref, world), encoding: 'base64', content: base64 };
}

/** A file or folder as the contents API shows it. */
export function entryView(entry: TreeEntry, repository: Repository, ref: string, world: World) {
  const api = `${world.apiUrl}/repos/${fullName(repository)}`;
  const isFile = entry.type === 'blob';
  const path = entry.path.split('/').map(encodeURIComponent).join('/');
  const self = `${api}/contents/${path}?ref=${encodeURIComponent(ref)}`;
  const git = `${api}/git/${isFile ? 'blobs' : 'trees'}/${entry.sha}`;
  const html = `${world.url}/${fullName(repository)}/${isFile ? 'blob' : 'tree'}/${ref}/${path}`;
  return {
    type: isFile ? 'file' : entry.type === 'tree' ? 'dir' : 'submodule',
    size: entry.size,
    name: entry.path.slice(entry.path.lastIndexOf('/') + 1),
    path: entry.path,
    sha: entry.sha,
    url: self,
    git_url: git,
    html_url: html,
    download_url: isFile ? `${world.url}/${fullName(repository)}/raw/${ref}/${path}` : null,
    _links: { self, git, html },
  };
}
