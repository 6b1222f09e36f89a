import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gitText, runGit } from '../git/run-git.js';
import { wholePack } from './whole-pack.js';

let folder: string;
let directory: string;
let copy: string;
let head: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sandbox-whole-'));
  const work = join(folder, 'work');
  [directory, copy] = [join(folder, 'repository.git'), join(folder, 'copy.git')];
  for (const bare of [directory, copy]) await runGit(['init', '--quiet', '--bare', bare]);
  await runGit(['init', '--quiet', '--initial-branch=main', work]);
  const person = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com'];
  await runGit([...person, 'commit', '--quiet', '--allow-empty', '-m', 'one'], { cwd: work });
  await runGit([...person, 'tag', '-a', 'v1', '-m', 'first'], { cwd: work });
  await runGit(['config', 'receive.unpackLimit', '1'], { cwd: directory });
  await runGit(['push', '--quiet', '--follow-tags', directory, 'main'], { cwd: work });
  head = await gitText(['rev-parse', 'HEAD'], { cwd: work });
});

afterEach(() => rm(folder, { recursive: true, force: true }));

test('a first fetch of what was pushed once gets all that git would send', async () => {
  const tag = await gitText(['rev-parse', 'v1'], { cwd: directory });
  const request = firstFetch(head, tag);
  const answer = (await wholePack(directory, request))!;
  const answerOfGit = await runGit(['upload-pack', '--stateless-rpc', '.'], { cwd: directory, input: request });
  expect(answer.subarray(0, 12)).toEqual(answerOfGit.subarray(0, 12));
  expect(await objectsOf(answer, copy)).toEqual(await objectsOf(answerOfGit, directory));
});

test.each([
  ['wants what no ref points to', () => firstFetch('0123456789'.repeat(4))],
  ['has something already', () => firstFetch(head).replace('0009done', `0032have ${head}\n0009done`)],
  ['can do more', () => `0041want ${head} ofs-delta side-band\n00000009done\n`],
  ['wants a part', () => firstFetch(head).replace('0000', '000cdeepen 10000')],
  ['speaks version 2', () => '0011command=fetch0000'],
])('a request that %s is left to git', async (_what, request) => {
  expect(await wholePack(directory, request())).toBeUndefined();
});

test('a repository of more than one pack is left to git', async () => {
  expect(await wholePack(directory, firstFetch(head))).toBeDefined();
  const object = await gitText(['hash-object', '-w', '--stdin'], { cwd: directory, input: 'more' });
  expect(await wholePack(directory, firstFetch(head))).toBeUndefined();
  await runGit(['pack-objects', '--quiet', 'objects/pack/pack'], { cwd: directory, input: `${object}\n` });
  await runGit(['prune-packed'], { cwd: directory });
  expect(await wholePack(directory, firstFetch(head))).toBeUndefined();
});

function firstFetch(...ids: string[]): string {
  const [first, ...others] = ids;
  return `003cwant ${first} ofs-delta\n${others.map((id) => `0032want ${id}\n`).join('')}00000009done\n`;
}

/** What git makes of an answer's pack. */
async function objectsOf(answer: Buffer, place: string): Promise<string> {
  await runGit(['index-pack', '--stdin'], { cwd: place, input: answer.subarray('0008NAK\n'.length) });
  return gitText(['cat-file', '--batch-all-objects', '--batch-check'], { cwd: place });
}
