import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readCommit, readCommits } from './commits.js';
import { readObject } from './stored-objects.js';
import { gitText, runGit } from './run-git.js';
import { listTree, readBlobs } from './tree.js';

let cwd: string;
let directory: string;

beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'sandbox-commits-'));
  directory = join(cwd, '.git');
  await git('init', '--quiet', '--initial-branch=main');
});
afterEach(() => rm(cwd, { recursive: true, force: true }));

test.each([
  ['in files of their own', async () => undefined, true],
  ['in a pack', pack, true],
  ['in one of so many packs that git is asked', packAmongOthers, false],
])('a first commit and all that is in it are read as git reads them, from objects %s', async (where, store, withoutGit) => {
  const first = await commitFiles(where);
  await store();
  const ids = (await git('rev-list', '--objects', '--no-object-names', first)).split('\n');
  expect(ids.map((id) => readObject(directory, id) !== undefined)).toEqual(ids.map(() => withoutGit));
  await expectAsGit(first);
});

async function pack(): Promise<void> {
  await git('repack', '-a', '-d', '--quiet');
  const [file = ''] = (await readdir(join(directory, 'objects/pack'))).filter((name) => name.endsWith('.idx'));
  // Some of it is kept as the difference to something else.
  expect(await git('verify-pack', '-v', `.git/objects/pack/${file}`)).toMatch(/chain length = [1-9]/);
}

async function packAmongOthers(): Promise<void> {
  await pack();
  for (const name of ['a', 'b', 'c', 'd']) await writeFile(join(directory, `objects/pack/${name}.pack`), '');
}

test('a later commit, a signed one and an annotated tag are read as git reads them', async () => {
  await commitFiles('one');
  await writeFile(join(cwd, 'README.md'), 'changed\n');
  await git('rm', '--quiet', 'empty');
  await commit('two');
  const later = await git('rev-parse', 'HEAD');
  await expectAsGit(later);
  expect(await readCommit(directory, later)).toMatchObject({ added: [], modified: ['README.md'], removed: ['empty'] });
  const tree = await git('rev-parse', 'HEAD^{tree}');
  const text = `tree ${tree}\nauthor A <a@b> 1700000000 +0000\ncommitter A <a@b> 1700000000 +0000\ngpgsig one\n two\n\nsigned\n`;
  const signed = await gitText(['hash-object', '-t', 'commit', '-w', '--stdin'], { cwd, input: text });
  await expectAsGit(signed);
  expect(await readCommit(directory, signed)).toMatchObject({ message: 'signed' });
  await git('-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', 'tag', '-a', 'v1', '-m', 'first', signed);
  expect(await readCommit(directory, await git('rev-parse', 'v1'))).toEqual(await readCommit(directory, signed));
});

/** Files of every kind, folders whose names sort otherwise than those of files, and a message of several lines. */
async function commitFiles(content: string): Promise<string> {
  await mkdir(join(cwd, 'src/deep'), { recursive: true });
  await mkdir(join(cwd, 'a'));
  await writeFile(join(cwd, 'a/x'), 'x');
  await writeFile(join(cwd, 'a.b'), content);
  await writeFile(join(cwd, 'src/deep/größe 1.txt'), 'ü\n'.repeat(500));
  await writeFile(join(cwd, 'src/deep/longer.txt'), `${content}${'ü\n'.repeat(500)}and more\n`);
  await writeFile(join(cwd, 'src/run.sh'), '#!/bin/sh\n', { mode: 0o755 });
  await writeFile(join(cwd, 'empty'), '');
  await writeFile(join(cwd, 'README.md'), `# ${content}\n`);
  await symlink('README.md', join(cwd, 'link'));
  await commit(`${content}\n\nwhat and why: <é>\n\n\n`);
  return git('rev-parse', 'HEAD');
}

async function commit(message: string): Promise<void> {
  const author = ['-c', 'user.name=Ada Lovelace-Ö', '-c', 'user.email=ada@example.com'];
  await git('add', '--all');
  await git(...author, 'commit', '--quiet', '--date=2026-03-01T23:59:58-03:30', '-m', message);
}

async function expectAsGit(id: string): Promise<void> {
  expect(await readCommit(directory, id)).toEqual((await readCommits(directory, ['-1', id]))[0]);
  const listed = (await git('ls-tree', '-r', '-t', '-z', '--long', id)).split('\0').filter(Boolean);
  for (const folder of ['', 'a/', 'src/', 'src/deep/']) {
    const expected = listed.filter((line) => (/\t(.*\/)?/.exec(line)?.[1] ?? '') === folder);
    const entries = await listTree(directory, id, folder);
    expect(entries.map(({ mode, type, sha, size, path }) => `${mode} ${type} ${sha} ${(size || (type === 'tree' ? '-' : '0')).toString().padStart(7)}\t${path}`)).toEqual(expected);
    const blobs = entries.filter(({ type }) => type === 'blob').map(({ sha }) => sha);
    const contents = await Promise.all(blobs.map((sha) => runGit(['cat-file', 'blob', sha], { cwd })));
    expect(await readBlobs(directory, blobs)).toEqual(contents);
  }
}

function git(...args: string[]): Promise<string> {
  return gitText(args, { cwd });
}
