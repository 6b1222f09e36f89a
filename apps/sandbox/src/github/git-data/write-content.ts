import type { FastifyInstance, FastifyRequest } from 'fastify';
import { readCommit } from '../../git/commits.js';
import { updateRef, writeBlobs, writeCommit, writeTree } from '../../git/objects.js';
import { GitFailure } from '../../git/run-git.js';
import { listTree, type TreeEntry } from '../../git/tree.js';
import { isAllowed } from '../access/principal.js';
import { gitCommit } from '../commit-view.js';
import { entryView } from '../content-routes.js';
import { assertWritable, GitHubError } from '../errors.js';
import type { Repository } from '../model.js';
import type { BranchProtections } from '../protection/branch-protections.js';
import type { Pushes } from '../pushes.js';
import type { RepositoryPlace } from '../rest.js';
import type { World } from '../world.js';

interface Place {
  Params: RepositoryPlace['Params'] & { '*': string };
  Body: { message: string; content?: string; sha?: string; branch?: string; author?: Person; committer?: Person };
}
interface Person {
  name: string;
  email: string;
  date?: string;
}

/** One file, one commit. The only way to write over REST into a repository that is still empty. */
export function writeContentRoutes(app: FastifyInstance, world: World, pushes: Pushes, protections: BranchProtections): void {
  const opened = async (request: FastifyRequest<Place>, doing: string) => {
    const place = await open(request, world);
    await assertMayPush(place, request, protections, doing);
    return place;
  };

  app.put<Place>('/repos/:owner/:repo/contents/*', async (request, reply) => {
    const place = await opened(request, 'update');
    const { content = '', sha } = request.body;
    if (!/^[A-Za-z0-9+/\s]*={0,2}\s*$/.test(content)) throw new GitHubError(422, 'content is not valid Base64');
    if (place.found && sha === undefined) throw new GitHubError(422, 'Invalid request.\n\n"sha" wasn\'t supplied.');
    if (place.found?.type === 'tree') throw new GitHubError(422, `${place.path} is a directory`);
    assertExpected(place, sha);
    const [blob = ''] = await writeBlobs(place.directory, [Buffer.from(content, 'base64')]);
    const commit = await commitChange(place, request, { sha: blob, mode: place.found?.mode ?? '100644' }, world, pushes);
    const [entry] = await listTree(place.directory, commit.sha, place.path);
    const view = entry && entryView(entry, place.repository, place.branch, world);
    return reply.code(place.found ? 200 : 201).send({ content: view, commit: gitCommit(commit, place.repository, world) });
  });

  app.delete<Place>('/repos/:owner/:repo/contents/*', async (request) => {
    const place = await opened(request, 'delete');
    if (!place.found) throw new GitHubError(404, 'Not Found');
    assertExpected(place, request.body.sha);
    const commit = await commitChange(place, request, { sha: null, mode: place.found.mode }, world, pushes);
    return { content: null, commit: gitCommit(commit, place.repository, world) };
  });
}

interface Opened {
  repository: Repository;
  directory: string;
  path: string;
  branch: string;
  refs: Map<string, string>;
  /** The branch's commit; undefined in an empty repository. */
  tip: string | undefined;
  found: TreeEntry | undefined;
}

async function open(request: FastifyRequest<Place>, world: World): Promise<Opened> {
  const repository = world.requireRepository(request.params.owner, request.params.repo);
  assertWritable(repository);
  const path = request.params['*'].replace(/^\/+|\/+$/g, '');
  assertMayWriteWorkflows(request, path);
  const branch = request.body.branch ?? repository.defaultBranch;
  const directory = world.gitDirectory(repository);
  const refs = await world.refs(repository);
  const tip = refs.get(`refs/heads/${branch}`);
  if (!tip && refs.size > 0) throw new GitHubError(404, `Branch ${branch} not found`);
  const found = tip ? (await listTree(directory, tip, path))[0] : undefined;
  return { repository, directory, path, branch, refs, tip, found };
}

function assertMayWriteWorkflows({ principal }: FastifyRequest, path: string): void {
  if (principal.kind !== 'installation' || !path.startsWith('.github/workflows/')) return;
  if (!isAllowed(principal.permissions, 'workflows', 'write')) throw new GitHubError(403, 'Resource not accessible by integration');
}

/** The tip that it is said to become is the one that it is: what is made is a commit on top, never a force. */
async function assertMayPush({ repository, branch, tip, found }: Opened, { principal }: FastifyRequest, protections: BranchProtections, doing: string): Promise<void> {
  if (!tip) return;
  const why = await protections.refusal(repository, principal, { ref: `refs/heads/${branch}`, from: tip, to: tip });
  if (why !== undefined) throw new GitHubError(409, `Could not ${found ? doing : 'create'} file: ${why}`);
}

function assertExpected({ found, path }: Opened, sha: string | undefined): void {
  if (found && found.sha !== sha) throw new GitHubError(409, `${path} does not match ${sha}`);
}

async function commitChange(
  { repository, directory, path, branch, refs, tip }: Opened,
  request: FastifyRequest<Place>,
  change: { sha: string | null; mode: string },
  world: World,
  pushes: Pushes,
) {
  const { message, author, committer } = request.body;
  const tree = await writeTree(directory, tip, [{ path, ...change }]).catch((error: unknown) => {
    if (error instanceof GitFailure) throw new GitHubError(422, 'path contains a malformed path component');
    throw error;
  });
  const { name, email } = world.viewer;
  const who = (person: Person | undefined) => ({ name, email, ...person, date: person?.date ?? world.timestamp() });
  const sha = await writeCommit(directory, {
    tree, message, parents: tip ? [tip] : [], author: who(author ?? committer), committer: who(committer ?? author),
  });
  await updateRef(directory, `refs/heads/${branch}`, sha);
  await pushes.follow(repository, refs);
  const commit = await readCommit(directory, sha);
  if (!commit) throw new Error(`The commit ${sha} just written cannot be read`);
  return commit;
}
