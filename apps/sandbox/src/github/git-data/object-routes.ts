import type { FastifyInstance } from 'fastify';
import { readCommit } from '../../git/commits.js';
import { objectType, type TreeChange, writeBlobs, writeCommit, writeTag, writeTree } from '../../git/objects.js';
import { GitFailure, gitText } from '../../git/run-git.js';
import { readBlob } from '../../git/tree.js';
import { gitCommit } from '../commit-view.js';
import { assertWritable, GitHubError } from '../errors.js';
import { nodeId } from '../node-id.js';
import { fullName } from '../repository-view.js';
import { requireRefs } from '../require-refs.js';
import type { RepositoryPlace } from '../rest.js';
import type { World } from '../world.js';

interface ObjectPlace extends RepositoryPlace {
  Params: RepositoryPlace['Params'] & { sha: string };
  Querystring: { recursive?: string };
}
interface GivenPerson {
  name?: string;
  email?: string;
  date?: string;
}

/** Blobs, trees, commits and annotated tags. Nothing of this touches a ref. */
export function objectRoutes(app: FastifyInstance, world: World): void {
  const open = async (place: RepositoryPlace['Params'], writes: boolean) => {
    const repository = world.requireRepository(place.owner, place.repo);
    if (writes) assertWritable(repository);
    await requireRefs(repository, world);
    return { repository, directory: world.gitDirectory(repository), api: `${world.apiUrl}/repos/${fullName(repository)}/git` };
  };

  app.post<RepositoryPlace & { Body: { content: string; encoding?: string } }>('/repos/:owner/:repo/git/blobs', async (request, reply) => {
    const { directory, api } = await open(request.params, true);
    const { content, encoding = 'utf-8' } = request.body;
    const [sha = ''] = await writeBlobs(directory, [Buffer.from(content, encoding === 'base64' ? 'base64' : 'utf8')]);
    const url = `${api}/blobs/${sha}`;
    return reply.code(201).header('location', url).send({ sha, url });
  });

  app.get<ObjectPlace>('/repos/:owner/:repo/git/blobs/:sha', async (request) => {
    const { repository, directory, api } = await open(request.params, false);
    const { sha } = request.params;
    if ((await objectType(directory, sha)) !== 'blob') throw new GitHubError(404, 'Not Found');
    const content = await readBlob(directory, sha);
    const base64 = content.toString('base64').replaceAll(/.{1,60}/g, '$&\n');
    return { sha, node_id: nodeId('B', `${repository.id}:${sha}`), size: content.length, url: `${api}/blobs/${sha}`, content: base64, encoding: 'base64' };
  });

  app.post<RepositoryPlace & { Body: NewTree }>('/repos/:owner/:repo/git/trees', async (request, reply) => {
    const { directory, api } = await open(request.params, true);
    const sha = await makeTree(directory, request.body);
    return reply.code(201).header('location', `${api}/trees/${sha}`).send(await treeView(directory, sha, false, api));
  });

  app.get<ObjectPlace>('/repos/:owner/:repo/git/trees/:sha', async (request) => {
    const { directory, api } = await open(request.params, false);
    const { sha: revision } = request.params;
    const named = revision.startsWith('-') ? undefined : await resolve(directory, `${revision}^{tree}`);
    if (named === undefined) throw new GitHubError(404, 'Not Found');
    return treeView(directory, named, request.query.recursive !== undefined, api);
  });

  app.post<RepositoryPlace & { Body: NewCommit }>('/repos/:owner/:repo/git/commits', async (request, reply) => {
    const { repository, directory, api } = await open(request.params, true);
    const { tree, parents = [], message, author, committer } = request.body;
    if ((await objectType(directory, tree)) !== 'tree') throw new GitHubError(422, 'Tree SHA does not exist');
    for (const parent of parents) {
      if ((await objectType(directory, parent)) !== 'commit') throw new GitHubError(422, 'Parent SHA does not exist or is not a commit object');
    }
    const writer = person(author, world);
    const made = { tree, parents, message, author: writer, committer: committer ? person(committer, world) : writer };
    const sha = await writeCommit(directory, made);
    const commit = await readCommit(directory, sha);
    return reply.code(201).header('location', `${api}/commits/${sha}`).send(commit && gitCommit(commit, repository, world));
  });

  app.get<ObjectPlace>('/repos/:owner/:repo/git/commits/:sha', async (request) => {
    const { repository, directory } = await open(request.params, false);
    if ((await objectType(directory, request.params.sha)) !== 'commit') throw new GitHubError(404, 'Not Found');
    const commit = await readCommit(directory, request.params.sha);
    return commit && gitCommit(commit, repository, world);
  });

  app.post<RepositoryPlace & { Body: NewTag }>('/repos/:owner/:repo/git/tags', async (request, reply) => {
    const { directory, api } = await open(request.params, true);
    const { tag: name, object, type, message, tagger } = request.body;
    if ((await objectType(directory, object)) !== type) throw new GitHubError(422, `${type} ${object} was not found`);
    const writer = person(tagger, world);
    const sha = await writeTag(directory, { name, object, type, message, tagger: writer });
    return reply.code(201).header('location', `${api}/tags/${sha}`).send(await tagView(directory, sha, api));
  });

  app.get<ObjectPlace>('/repos/:owner/:repo/git/tags/:sha', async (request) => {
    const { directory, api } = await open(request.params, false);
    if ((await objectType(directory, request.params.sha)) !== 'tag') throw new GitHubError(404, 'Not Found');
    return tagView(directory, request.params.sha, api);
  });
}

interface NewTree {
  tree: { path?: string; mode?: string; type?: string; sha?: string | null; content?: string }[];
  base_tree?: string;
}
interface NewCommit {
  message: string;
  tree: string;
  parents?: string[];
  author?: GivenPerson;
  committer?: GivenPerson;
}
interface NewTag {
  tag: string;
  message: string;
  object: string;
  type: string;
  tagger?: GivenPerson;
}

async function makeTree(directory: string, { tree, base_tree: base }: NewTree): Promise<string> {
  const from = base === undefined ? undefined : await resolve(directory, `${base}^{tree}`);
  if (base !== undefined && from === undefined) throw new GitHubError(422, `base_tree ${base} is not a valid tree`);
  if (tree.length === 0) throw new GitHubError(422, 'Invalid tree info');
  const inline = tree.filter(({ content }) => content !== undefined);
  const blobs = await writeBlobs(directory, inline.map(({ content }) => Buffer.from(content ?? '')));
  const changes: TreeChange[] = [];
  for (const entry of tree) {
    if (!entry.path || !entry.mode) throw new GitHubError(422, 'Must supply a valid tree.path and tree.mode');
    const written = blobs[inline.indexOf(entry)];
    const sha = written ?? entry.sha;
    if (sha === undefined) throw new GitHubError(422, 'Must supply either tree.sha or tree.content');
    if (sha !== null && entry.mode !== '160000' && (await objectType(directory, sha)) === undefined) {
      throw new GitHubError(422, `tree.sha ${sha} is not a valid ${entry.type ?? 'blob'}`);
    }
    changes.push({ path: entry.path, mode: entry.mode, sha });
  }
  try {
    return await writeTree(directory, from, changes);
  } catch (error) {
    if (error instanceof GitFailure) throw new GitHubError(422, 'tree.path contains a malformed path component');
    throw error;
  }
}

async function treeView(directory: string, sha: string, recursive: boolean, api: string) {
  const listed = await gitText(['ls-tree', '-z', '--long', ...(recursive ? ['-r', '-t'] : []), sha], { cwd: directory });
  const tree = listed.split('\0').filter(Boolean).map((line) => {
    const [facts = '', path = ''] = line.split('\t');
    const [mode = '', type = '', entry = '', size = ''] = facts.split(/ +/);
    return { path, mode, type, sha: entry, ...(type === 'blob' && { size: Number(size) }), url: `${api}/${type}s/${entry}` };
  });
  return { sha, url: `${api}/trees/${sha}`, tree, truncated: false };
}

async function tagView(directory: string, sha: string, api: string) {
  const text = await gitText(['cat-file', 'tag', sha], { cwd: directory });
  const [head = '', ...rest] = text.split('\n\n');
  const field = (name: string) => new RegExp(`^${name} (.*)$`, 'm').exec(head)?.[1] ?? '';
  const [, name = '', email = '', seconds = '0'] = /^(.*) <(.*)> (\d+)/.exec(field('tagger')) ?? [];
  const object = field('object');
  return {
    node_id: nodeId('TA', sha),
    tag: field('tag'),
    sha,
    url: `${api}/tags/${sha}`,
    message: rest.join('\n\n'),
    tagger: { name, email, date: new Date(Number(seconds) * 1_000).toISOString().replace('.000Z', 'Z') },
    object: { type: field('type'), sha: object, url: `${api}/${field('type')}s/${object}` },
    verification: { verified: false, reason: 'unsigned', signature: null, payload: null, verified_at: null },
  };
}

async function resolve(directory: string, revision: string): Promise<string | undefined> {
  try {
    return await gitText(['rev-parse', '--verify', '--quiet', revision], { cwd: directory });
  } catch {
    return undefined;
  }
}

function person(given: GivenPerson | undefined, world: World) {
  const { name, email } = world.viewer;
  return { name: given?.name ?? name, email: given?.email ?? email, date: given?.date ?? world.timestamp() };
}
