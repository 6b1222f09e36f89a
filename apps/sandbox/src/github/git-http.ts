import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { createGunzip } from 'node:zlib';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { packetLine } from '../git/packet-line.js';
import { receiveFirstPush } from '../git/receive-first-push.js';
import { exitOf, startGit } from '../git/run-git.js';
import { pushGuards } from '../git/push-guards.js';
import { credentialOf, findPrincipal } from './access/authenticate.js';
import type { GitHubApp } from './access/github-app.js';
import { isAllowed, type Principal } from './access/principal.js';
import { advertiseRefs } from './advertise-refs.js';
import type { Repository } from './model.js';
import type { BranchProtections } from './protection/branch-protections.js';
import type { Pushes } from './pushes.js';
import { wholePack } from './whole-pack.js';
import { Moved, type World } from './world.js';

/** Of a push: what is larger goes from the socket to git as it comes. */
const LARGEST_HELD = 1024 * 1024;

type Service = 'git-upload-pack' | 'git-receive-pack';
interface Place {
  Params: { owner: string; repository: string };
  Querystring: { service?: string };
}

/** Git's smart HTTP protocol over the bare repositories, spoken by git itself but for what needs no git to tell. */
export function gitRoutes(app: FastifyInstance, world: World, pushes: Pushes, githubApp: GitHubApp, protections: BranchProtections): void {
  // As it comes: a large pack is never held whole.
  app.addContentTypeParser(/^application\/x-git-/, (_request, payload, done) => done(null, payload));

  app.get<Place>('/:owner/:repository/info/refs', async (request, reply) => {
    const service = request.query.service;
    if (service !== 'git-upload-pack' && service !== 'git-receive-pack') {
      return refuse(reply, 403, 'Please upgrade your git client: only smart HTTP is served.');
    }
    const repository = admit(request, reply, world, githubApp, service);
    if (!repository) return reply;
    return advertise(service, repository, request, reply, world);
  });

  app.post<Place>('/:owner/:repository/git-upload-pack', async (request, reply) => {
    const repository = admit(request, reply, world, githubApp, 'git-upload-pack');
    if (!repository) return reply;
    const asked = await buffer(plainBody(request));
    const whole = await wholePack(world.gitDirectory(repository), asked.toString('latin1'));
    if (whole) return reply.headers(noCache('application/x-git-upload-pack-result')).send(whole);
    return serve('git-upload-pack', repository, { options: [] }, request, Readable.from([asked]), reply, world, pushes);
  });

  app.post<Place>('/:owner/:repository/git-receive-pack', async (request, reply) => {
    const repository = admit(request, reply, world, githubApp, 'git-receive-pack');
    if (!repository) return reply;
    const guards = await guardsOf(request, repository, world, githubApp, protections);
    const body = plainBody(request);
    const before = await world.refs(repository);
    const mayBeSimple = before.size === 0 && guards.options.length === 0 && Number(request.headers['content-length'] ?? Infinity) <= LARGEST_HELD;
    if (!mayBeSimple) return serve('git-receive-pack', repository, guards, request, body, reply, world, pushes);
    const asked = await buffer(body);
    const said = receiveFirstPush(world.gitDirectory(repository), asked);
    if (!said) return serve('git-receive-pack', repository, guards, request, Readable.from([asked]), reply, world, pushes);
    await pushes.follow(repository, before);
    return reply.headers(noCache('application/x-git-receive-pack-result')).send(said);
  });
}

/** The repository, where this caller may use the service on it; else the refusal is sent. */
function admit(
  request: FastifyRequest<Place>,
  reply: FastifyReply,
  world: World,
  githubApp: GitHubApp,
  service: Service,
): Repository | undefined {
  const writes = service === 'git-receive-pack';
  const credential = credentialOf(request);
  const principal = credential === undefined ? undefined : findPrincipal(credential, world, githubApp);
  if (credential !== undefined && !principal) return challenge(reply, 'Invalid username or token.');
  const found = findPlace(request.params, world);
  const repository = found && principal && !maySee(principal, found) ? undefined : found;
  const open = repository?.visibility === 'public' && !writes;
  if (credential === undefined && !open) return challenge(reply, 'Authentication required.');
  if (!repository) {
    refuse(reply, 404, 'Repository not found.');
    return undefined;
  }
  if (principal?.kind === 'installation' && !isAllowed(principal.permissions, 'contents', writes ? 'write' : 'read')) {
    refuse(reply, 403, 'Resource not accessible by integration');
    return undefined;
  }
  if (writes && repository.archived) {
    refuse(reply, 403, 'This repository was archived so it is read-only.');
    return undefined;
  }
  return repository;
}

function findPlace(params: Place['Params'], world: World): Repository | undefined {
  try {
    return world.requireRepository(params.owner, params.repository.replace(/\.git$/, ''));
  } catch (error) {
    // Git follows a rename: what GitHub answers with a redirect is served at once.
    if (error instanceof Moved) return error.repository;
    return undefined;
  }
}

async function advertise(
  service: Service,
  repository: Repository,
  request: FastifyRequest,
  reply: FastifyReply,
  world: World,
): Promise<FastifyReply> {
  const options = gitOptions(repository, request, world);
  // Protocol version 2 opens without naming the service.
  const second = service === 'git-upload-pack' && /version=2/.test(options.env?.GIT_PROTOCOL ?? '');
  const said = await advertiseRefs(subcommand(service), options);
  const opening = second ? '' : `${packetLine(`# service=${service}\n`)}0000`;
  return reply.headers(noCache(`application/x-${service}-advertisement`)).send(Buffer.concat([Buffer.from(opening), said]));
}

interface Guards {
  options: readonly string[];
  env?: Record<string, string>;
}

/** What git asks whether it may take the push: of a token that must not write workflows, and of protected branches. */
async function guardsOf(
  request: FastifyRequest<Place>,
  repository: Repository,
  world: World,
  githubApp: GitHubApp,
  protections: BranchProtections,
): Promise<Guards> {
  const principal = findPrincipal(credentialOf(request) ?? '', world, githubApp);
  if (!principal) return { options: [] };
  const workflows = principal.kind === 'installation' && !isAllowed(principal.permissions, 'workflows', 'write');
  const refs = protections.refusals(repository, principal);
  if (!workflows && refs.length === 0) return { options: [] };
  return pushGuards(world.context.home, { workflows, refs });
}

async function serve(
  service: Service,
  repository: Repository,
  { options, env }: Guards,
  request: FastifyRequest,
  body: Readable,
  reply: FastifyReply,
  world: World,
  pushes: Pushes,
): Promise<FastifyReply> {
  const before = service === 'git-receive-pack' ? await world.refs(repository) : undefined;
  const own = gitOptions(repository, request, world);
  // The first push is kept as the pack that it comes as: a file for each object is four times the work, and twice that of a fetch.
  const keep = before?.size === 0 ? ['-c', 'receive.unpackLimit=1'] : [];
  const git = startGit([...keep, ...options, subcommand(service), '--stateless-rpc', '.'], { ...own, env: { ...own.env, ...env } });
  // Git may have seen enough, or the client may be gone: either shows in what git prints, not here.
  git.stdin.on('error', () => undefined);
  body.on('error', () => git.kill());
  body.pipe(git.stdin);
  async function* answer() {
    const ended = exitOf(git);
    yield* git.stdout;
    await ended;
    // Before the answer ends, so that whoever pushed reads its own write.
    if (before) await pushes.follow(repository, before);
  }
  return reply.headers(noCache(`application/x-${service}-result`)).send(Readable.from(answer(), { objectMode: false }));
}

function plainBody(request: FastifyRequest): Readable {
  const body = request.body as Readable;
  return request.headers['content-encoding'] === 'gzip' ? body.pipe(createGunzip()) : body;
}

function subcommand(service: Service): string {
  return service.slice('git-'.length);
}

function gitOptions(repository: Repository, request: FastifyRequest, world: World) {
  const protocol = request.headers['git-protocol'];
  const known = typeof protocol === 'string' && /^[\w=:]+$/.test(protocol);
  return { cwd: world.gitDirectory(repository), env: known ? { GIT_PROTOCOL: protocol } : undefined };
}

function noCache(contentType: string): Record<string, string> {
  return { 'content-type': contentType, 'cache-control': 'no-cache, max-age=0, must-revalidate', pragma: 'no-cache' };
}

function maySee(principal: Principal, repository: Repository): boolean {
  if (principal.kind !== 'installation' || principal.repositoryIds === null) return true;
  return repository.visibility === 'public' || principal.repositoryIds.includes(repository.id);
}

function challenge(reply: FastifyReply, message: string): undefined {
  reply.header('www-authenticate', 'Basic realm="GitHub"');
  refuse(reply, 401, message);
  return undefined;
}

function refuse(reply: FastifyReply, status: number, message: string): FastifyReply {
  return reply.code(status).type('text/plain; charset=utf-8').send(`${message}\n`);
}
