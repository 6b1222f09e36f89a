import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readRefs } from './refs.js';
import { gitText } from './run-git.js';

let cwd: string;

beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'sandbox-refs-'));
  await git('init', '--quiet', '--bare', '--initial-branch=main');
});
afterEach(() => rm(cwd, { recursive: true, force: true }));

test('an empty repository has none', async () => {
  expect(await readRefs(cwd)).toEqual(new Map());
});

test('they are those that git lists, in its order, packed or not, whatever came and went since', async () => {
  const one = await commit('one');
  await git('update-ref', 'refs/heads/main', one);
  await git('update-ref', 'refs/heads/feature/a', one);
  await git('-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', 'tag', '-a', 'v1', '-m', 'first', one);
  await expectAsGitLists();
  await git('pack-refs', '--all');
  await expectAsGitLists();
  const two = await commit('two');
  await git('update-ref', 'refs/heads/main', two);
  await git('update-ref', '-d', 'refs/heads/feature/a');
  await git('update-ref', 'refs/heads/a', two);
  await expectAsGitLists();
  expect((await readRefs(cwd)).get('refs/heads/main')).toBe(two);
});

async function expectAsGitLists(): Promise<void> {
  const listed = await git('for-each-ref', '--format=%(refname) %(objectname)');
  expect([...(await readRefs(cwd))].map((pair) => pair.join(' ')).join('\n')).toBe(listed);
}

async function commit(message: string): Promise<string> {
  const tree = await gitText(['mktree'], { cwd, input: '' });
  return git('-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', 'commit-tree', tree, '-m', message);
}

function git(...args: string[]): Promise<string> {
  return gitText(args, { cwd });
}
