import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packetLine } from './packet-line.js';
import { receiveFirstPush } from './receive-first-push.js';
import { readRefs } from './refs.js';
import { gitText, runGit } from './run-git.js';

const NOTHING = '0'.repeat(40);
const CAPABILITIES = ' report-status-v2 side-band-64k quiet object-format=sha1 agent=git/2.39.5';
let folder: string;
let origin: string;
let bare: string;
let twin: string;
let head: string;
let tag: string;
let pack: Buffer;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sandbox-push-'));
  [origin, bare, twin] = [join(folder, 'origin'), join(folder, 'bare.git'), join(folder, 'twin.git')];
  await runGit(['init', '--quiet', '--initial-branch=main', origin]);
  for (const directory of [bare, twin]) await runGit(['init', '--quiet', '--bare', '--template=', '--initial-branch=main', directory]);
  await runGit(['config', 'receive.unpackLimit', '1'], { cwd: twin });
  await writeFile(join(origin, 'file'), 'content\n');
  await runGit(['add', 'file'], { cwd: origin });
  const person = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com'];
  await runGit([...person, 'commit', '--quiet', '-m', 'first'], { cwd: origin });
  await runGit([...person, 'tag', '-a', 'v1.0.0', '-m', 'tagged'], { cwd: origin });
  [head, tag] = [await gitText(['rev-parse', 'main'], { cwd: origin }), await gitText(['rev-parse', 'v1.0.0'], { cwd: origin })];
  pack = await packOf('main', 'v1.0.0');
});

afterEach(() => rm(folder, { recursive: true, force: true }));

test('the answer, the refs and the objects are those of git', async () => {
  const request = push([`${NOTHING} ${head} refs/heads/main`, `${NOTHING} ${tag} refs/tags/v1.0.0`]);
  const answer = receiveFirstPush(bare, request);
  expect(answer?.toString()).toBe((await receivedByGit(request)).toString());
  expect(await readRefs(bare)).toEqual(new Map([['refs/heads/main', head], ['refs/tags/v1.0.0', tag]]));
  expect(await gitText(['for-each-ref'], { cwd: bare })).toBe(await gitText(['for-each-ref'], { cwd: twin }));
  expect(await gitText(['log', '--format=%H %s', '--name-only'], { cwd: bare })).toBe(`${head} first\n\nfile`);
  expect(await gitText(['fsck', '--full', '--strict'], { cwd: bare })).toBe('');
});

test.each<[string, () => Buffer | Promise<Buffer>]>([
  ['deletes', () => push([`${head} ${NOTHING} refs/heads/main`])],
  ['moves what is not there', () => push([`${tag} ${head} refs/heads/main`])],
  ['lacks the commit', () => push([`${NOTHING} ${'1'.repeat(40)} refs/heads/main`])],
  ['lacks a file', async () => push([`${NOTHING} ${head} refs/heads/main`], CAPABILITIES, await packOf('main', `^${await fileId()}`))],
  ['points a branch to a tag', () => push([`${NOTHING} ${tag} refs/heads/main`])],
  ['names what is no branch or tag', () => push([`${NOTHING} ${head} refs/notes/commits`])],
  ['names a ref as none may be', () => push([`${NOTHING} ${head} refs/heads/main.lock`])],
  ['would leave the folder', () => push([`${NOTHING} ${head} refs/heads/../../hooks`])],
  ['names a ref twice', () => push([`${NOTHING} ${head} refs/heads/main`, `${NOTHING} ${head} refs/heads/main`])],
  ['wants no report', () => push([`${NOTHING} ${head} refs/heads/main`], ' side-band-64k quiet')],
  ['brings options', () => push([`${NOTHING} ${head} refs/heads/main`], `${CAPABILITIES} push-options`)],
  ['is damaged', () => push([`${NOTHING} ${head} refs/heads/main`], CAPABILITIES, Buffer.concat([pack.subarray(0, -1), Buffer.of(0x55)]))],
  ['asks for nothing', () => push([])],
])('a push that %s is left to git', async (_what, request) => {
  expect(receiveFirstPush(bare, await request())).toBeUndefined();
  await expectUntouched();
});

test('a push that breaks off, wherever it does, is left to git', async () => {
  const request = push([`${NOTHING} ${head} refs/heads/main`, `${NOTHING} ${tag} refs/tags/v1.0.0`]);
  for (let length = 0; length < request.length; length += 1) expect(receiveFirstPush(bare, request.subarray(0, length))).toBeUndefined();
  await expectUntouched();
});

test('where somebody pushed before, or is pushing, git is to tell who wins', async () => {
  const request = push([`${NOTHING} ${tag} refs/tags/v1.0.0`, `${NOTHING} ${head} refs/heads/main`]);
  await writeFile(join(bare, 'refs/heads/main.lock'), '');
  expect(receiveFirstPush(bare, request)).toBeUndefined();
  await rm(join(bare, 'refs/heads/main.lock'));
  await expectUntouched();
  expect(receiveFirstPush(bare, request)).toBeDefined();
  expect(receiveFirstPush(bare, push([`${NOTHING} ${head} refs/heads/other`]))).toBeUndefined();
  expect([...(await readRefs(bare)).keys()]).toEqual(['refs/heads/main', 'refs/tags/v1.0.0']);
});

async function expectUntouched(): Promise<void> {
  const entries = await readdir(bare, { recursive: true, withFileTypes: true });
  expect(entries.filter((entry) => entry.isFile()).map(({ name }) => name).sort()).toEqual(['HEAD', 'config']);
}

function push(commands: readonly string[], capabilities = CAPABILITIES, content = pack): Buffer {
  const lines = commands.map((command, index) => packetLine(index === 0 ? `${command}\0${capabilities}` : command));
  return Buffer.concat([Buffer.from(`${lines.join('')}0000`), content]);
}

function receivedByGit(request: Buffer): Promise<Buffer> {
  return runGit(['receive-pack', '--stateless-rpc', '.'], { cwd: twin, input: request });
}

function packOf(...revisions: string[]): Promise<Buffer> {
  return runGit(['pack-objects', '--stdout', '--revs', '--quiet'], { cwd: origin, input: `${revisions.join('\n')}\n` });
}

function fileId(): Promise<string> {
  return gitText(['rev-parse', 'main:file'], { cwd: origin });
}
