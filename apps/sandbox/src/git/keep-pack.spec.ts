import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keepPack } from './keep-pack.js';
import { readPack } from './read-pack.js';
import { GitFailure, gitText, runGit } from './run-git.js';

let folder: string;
let origin: string;
let copy: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sandbox-pack-'));
  [origin, copy] = [join(folder, 'origin'), join(folder, 'copy.git')];
  await runGit(['init', '--quiet', origin]);
  await runGit(['init', '--quiet', '--bare', copy]);
  // Of two lists that are alike git keeps one and how the other differs from it.
  for (const end of ['first', 'second']) {
    await writeFile(join(origin, 'list'), `${Array.from({ length: 200 }, (_, line) => `line ${line}`).join('\n')}\n${end}\n`);
    await runGit(['add', 'list'], { cwd: origin });
    await runGit(['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', 'commit', '--quiet', '-m', end], { cwd: origin });
  }
});

afterEach(() => rm(folder, { recursive: true, force: true }));

test('a pack is kept with the index that git makes of it', async () => {
  const pack = await packed('--delta-base-offset');
  await writeFile(join(folder, 'git.pack'), pack);
  await runGit(['index-pack', join(folder, 'git.pack')]);
  await keepPack(copy, pack);
  const checksum = pack.subarray(-20).toString('hex');
  const kept = join(copy, 'objects/pack', `pack-${checksum}`);
  expect((await readFile(`${kept}.idx`)).equals(await readFile(join(folder, 'git.idx')))).toBe(true);
  const [head] = await objects();
  expect(await gitText(['log', '--format=%s', head!], { cwd: copy })).toBe('second\nfirst');
});

test('an object that builds upon a later one is for git to find', async () => {
  const pack = reversed(await packed());
  expect(readPack(pack).length).toBeLessThan((await objects()).length);
  await keepPack(copy, pack);
  expect(await gitText(['cat-file', '--batch-all-objects', '--batch-check=%(objectname)'], { cwd: copy })).toBe((await objects()).sort().join('\n'));
});

test('a damaged pack is refused, and nothing of it kept', async () => {
  const pack = await packed('--delta-base-offset');
  // That one of this checksum was whole says nothing of another.
  expect(readPack(pack).length).toBeGreaterThan(0);
  pack[pack.length >> 1]! ^= 0xff;
  await expect(keepPack(copy, pack)).rejects.toThrow(GitFailure);
  expect((await readdir(join(copy, 'objects/pack'))).filter((name) => name.startsWith('pack-'))).toEqual([]);
});

/** The newest commit first. */
async function objects(): Promise<string[]> {
  const listed = await gitText(['rev-list', '--objects', '--no-object-names', 'HEAD'], { cwd: origin });
  return listed.split('\n');
}

function reversed(pack: Buffer): Buffer {
  const entries = readPack(pack).toReversed().map(({ start, end }) => pack.subarray(start, end));
  const body = Buffer.concat([pack.subarray(0, 12), ...entries]);
  return Buffer.concat([body, createHash('sha1').update(body).digest()]);
}

function packed(...options: string[]): Promise<Buffer> {
  return runGit(['pack-objects', '--stdout', '--revs', '--quiet', ...options], { cwd: origin, input: 'HEAD\n' });
}
