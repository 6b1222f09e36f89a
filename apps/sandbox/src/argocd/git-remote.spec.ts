import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { createGunzip } from 'node:zlib';
import { gitText, runGit } from '../git/run-git.js';
import { until } from '../testing/until.js';
import { GitRemotes } from './git-remote.js';

let folder: string;
let origin: string;
let remotes: GitRemotes;
let server: Server;
let url: string;
/** What the server answers with instead of the refs. */
let refusal: number | undefined;
/** Requests that wait for their answer. */
let held: (() => void)[] | undefined;
let asked = 0;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sandbox-remote-'));
  origin = join(folder, 'origin');
  remotes = new GitRemotes(join(folder, 'copies'));
  await runGit(['init', '--quiet', '--initial-branch=main', origin]);
  [refusal, held, asked] = [undefined, undefined, 0];
  server = createServer((request, response) => {
    asked += 1;
    if (refusal !== undefined) return void response.writeHead(refusal).end();
    const answer = async () => {
      if (request.method === 'POST') {
        const input = await buffer(request.headers['content-encoding'] === 'gzip' ? request.pipe(createGunzip()) : request);
        const pack = await runGit(['upload-pack', '--stateless-rpc', origin], { input });
        return response.setHeader('content-type', 'application/x-git-upload-pack-result').end(pack);
      }
      const refs = await runGit(['upload-pack', '--stateless-rpc', '--advertise-refs', origin]);
      response.setHeader('content-type', 'application/x-git-upload-pack-advertisement');
      return response.end(Buffer.concat([Buffer.from('001e# service=git-upload-pack\n0000'), refs]));
    };
    if (held) held.push(() => void answer());
    else void answer();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/acme/shop.git`;
});

afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await rm(folder, { recursive: true, force: true });
});

test('the refs over HTTP are those that git lists, annotated tags peeled', async () => {
  await commit();
  await gitHere('-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', 'tag', '-a', 'v1', '-m', 'one');
  const refs = await remotes.refs(url, undefined);
  expect(refs).toEqual(await remotes.refs(origin, undefined));
  const head = await gitHere('rev-parse', 'HEAD');
  expect(Object.fromEntries(refs)).toEqual({ HEAD: head, 'refs/heads/main': head, 'refs/tags/v1': head });
});

test('a repository to which nothing was pushed is empty', async () => {
  await expect(remotes.test(url, undefined)).rejects.toThrow('remote repository is empty');
});

test.each([
  [401, 'authentication required: Repository not found.'],
  [403, 'authorization failed'],
  [404, 'repository not found'],
  [503, 'status code: 503'],
])('a server that answers %d is told as go-git tells it', async (status, message) => {
  refusal = status;
  await expect(remotes.refs(url, undefined)).rejects.toThrow(message);
});

test('those who ask at once share an answer, and none gets one that is older than its question', async () => {
  await commit();
  held = [];
  const first = remotes.refs(url, undefined);
  const shared = remotes.refs(url, undefined);
  await until(async () => held?.length, (count) => count === 1);
  const stale = held.splice(0);
  const later = [remotes.refs(url, undefined), remotes.refs(url, undefined)];
  for (const answer of stale) answer();
  const before = (await first).get('HEAD');
  expect((await shared).get('HEAD')).toBe(before);
  const after = await commit();
  await until(async () => held?.length, (count) => count === 1);
  for (const answer of held.splice(0)) answer();
  expect((await Promise.all(later)).map((refs) => refs.get('HEAD'))).toEqual([after, after]);
  expect(asked).toBe(2);
});

test('a copy holds all that branches and tags reach, from the first fetch and from those that follow', async () => {
  const first = await commit();
  await gitHere('-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', 'tag', '-a', 'v1', '-m', 'one');
  await gitHere('branch', 'next', await commit('next'));
  await gitHere('reset', '--quiet', '--hard', first);
  const copy = await remotes.contents(url, first, undefined);
  expect(await copied(copy)).toEqual(await copied(origin));
  const second = await commit();
  expect(await remotes.contents(url, second, undefined)).toBe(copy);
  expect(await copied(copy)).toEqual(await copied(origin));
});

test('a commit that no branch or tag reaches cannot be had', async () => {
  await commit();
  await expect(remotes.contents(url, '0123456789'.repeat(4), undefined)).rejects.toThrow("unable to resolve '0123456789");
});

/** Refs, and the objects that they reach, where git finds nothing wrong with them. */
async function copied(directory: string): Promise<string[]> {
  const git = (...args: string[]) => gitText(args, { cwd: directory });
  await git('fsck', '--strict', '--no-dangling');
  return [await git('for-each-ref', '--format=%(refname) %(objectname)'), await git('rev-list', '--all', '--objects')];
}

async function commit(message = 'more'): Promise<string> {
  await gitHere('-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', 'commit', '--quiet', '--allow-empty', '-m', message);
  return gitHere('rev-parse', 'HEAD');
}

function gitHere(...args: string[]): Promise<string> {
  return gitText(args, { cwd: origin });
}
