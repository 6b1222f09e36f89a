import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gitText, runGit } from '../git/run-git.js';
import { advertiseRefs } from './advertise-refs.js';

let cwd: string;

beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'sandbox-advertisement-'));
  await git('init', '--quiet', '--bare', '--initial-branch=main');
});
afterEach(() => rm(cwd, { recursive: true, force: true }));

test('whatever moved, both services open as git itself does', async () => {
  await expectAsGit();
  const tree = await gitText(['mktree'], { cwd, input: '' });
  const commit = await git('-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', 'commit-tree', tree, '-m', 'one');
  await git('update-ref', 'refs/heads/main', commit);
  await expectAsGit();
  await git('-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', 'tag', '-a', 'v1', '-m', 'first', commit);
  await expectAsGit();
  await git('symbolic-ref', 'HEAD', 'refs/heads/other');
  await expectAsGit();
  await git('update-ref', '-d', 'refs/heads/main');
  await expectAsGit();
});

test('refs that are alike but for their commits are each told with their own, also where a branch is called like a commit', async () => {
  const tree = await gitText(['mktree'], { cwd, input: '' });
  const commit = (message: string) => git('-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', 'commit-tree', tree, '-m', message);
  const [one, two, three] = [await commit('one'), await commit('two'), await commit('three')];
  for (const [main, other] of [[one, two], [two, three], [three, one], [one, one]] as const) {
    await git('update-ref', 'refs/heads/main', main);
    await git('update-ref', `refs/heads/${one}`, other);
    await git('update-ref', 'refs/tags/v1', main);
    await expectAsGit();
  }
});

test('an annotated tag stays with its commit when the branch goes on', async () => {
  const tree = await gitText(['mktree'], { cwd, input: '' });
  const commit = (message: string) => git('-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', 'commit-tree', tree, '-m', message);
  const [one, two] = [await commit('one'), await commit('two')];
  await git('update-ref', 'refs/heads/main', one);
  await git('-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', 'tag', '-a', 'v1', '-m', 'first', one);
  await expectAsGit();
  await git('update-ref', 'refs/heads/main', two);
  await expectAsGit();
});

test('what is pushed while git answers is not overlooked by whoever asks next', async () => {
  const tree = await gitText(['mktree'], { cwd, input: '' });
  const commit = await git('-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', 'commit-tree', tree, '-m', 'one');
  for (const branch of ['a', 'b', 'c', 'd', 'e']) {
    await Promise.all([advertiseRefs('upload-pack', { cwd }), git('update-ref', `refs/heads/${branch}`, commit)]);
    await expectAsGit();
    await git('update-ref', '-d', `refs/heads/${branch}`);
    await expectAsGit();
  }
});

async function expectAsGit(): Promise<void> {
  for (const service of ['upload-pack', 'receive-pack']) {
    for (const env of [undefined, { GIT_PROTOCOL: 'version=2' }]) {
      const asked = { cwd, ...(env && { env }) };
      const said = await runGit([service, '--stateless-rpc', '--advertise-refs', '.'], asked);
      expect((await advertiseRefs(service, asked)).toString()).toBe(said.toString());
    }
  }
}

function git(...args: string[]): Promise<string> {
  return gitText(args, { cwd });
}
