import { readdir } from 'node:fs/promises';
import { exerciseStep, failureOf, type StepScene } from '@slipway/engine/testing';
import { githubForSuite, type GithubScene, type Wire } from './testing/github-scene.js';

const { scene, api, sandbox, pushByAnother, git, remoteOf } = githubForSuite();

const branchName = 'add-shop';
const input = { title: 'Add the shop', description: 'It sells.', branchName, targetPath: 'apps/shop' };

/** A repository of somebody's that holds something. */
async function withHistory(files?: Record<string, string>): Promise<GithubScene & { pulls: (state?: string) => Promise<Wire[]> }> {
  const found = await scene(files);
  await api('POST', `/orgs/${sandbox.github.org}/repos`, { name: found.name });
  await pushByAnother(found.fullName, 'main', { 'README.md': 'theirs\n', 'apps/shop/old.txt': 'old\n' });
  const pulls = async (state = 'open') => (await api('GET', `/repos/${found.fullName}/pulls?state=${state}&head=acme:${branchName}`)).list;
  return { ...found, pulls };
}

const branchOf = async (fullName: string) => (await git('ls-remote', remoteOf(fullName), `refs/heads/${branchName}`)).split('\t')[0] ?? '';

exerciseStep('publish:github:pull-request', async (): Promise<StepScene> => {
  const found = await withHistory();
  return {
    ...found,
    step: found.step('publish:github:pull-request'),
    input: { repository: found.fullName, ...input },
    makes: ['github:pull-request'],
    count: async () => (await found.pulls()).length,
    foreign: {
      make: () => pushByAnother(found.fullName, branchName),
      look: () => branchOf(found.fullName),
      code: 'github_branch_taken',
    },
  };
});

describe('publish:github:pull-request', () => {
  const open = (found: GithubScene, more: object = {}) => {
    const rig = found.rig();
    const running = rig.run(found.step('publish:github:pull-request'), { repository: found.fullName, ...input, ...more });
    return { rig, running: running as Promise<{ remoteUrl: string; pullRequestNumber: number; targetBranchName: string }> };
  };

  it('brings the workspace over what is there, modes included, and leaves the rest', async () => {
    const found = await withHistory({ 'old.txt': 'new\n', 'src/main.py': 'print()\n' });
    const { running } = open(found, { commitMessage: 'Bring the shop', draft: true });
    const { remoteUrl, pullRequestNumber, targetBranchName } = await running;
    expect((await readdir(found.files.workspace)).sort()).toEqual(['old.txt', 'src']);
    expect(await found.pulls()).toMatchObject([
      { number: pullRequestNumber, html_url: remoteUrl, title: 'Add the shop', body: 'It sells.', draft: true, base: { ref: 'main' }, head: { ref: branchName } },
    ]);
    expect(targetBranchName).toBe('main');
    const files = (await api('GET', `/repos/${found.fullName}/pulls/${pullRequestNumber}/files`)).list;
    expect(files.map(({ filename, status }) => [filename, status])).toEqual([['apps/shop/old.txt', 'modified'], ['apps/shop/src/main.py', 'added']]);
    const commit = (await api('GET', `/repos/${found.fullName}/commits/${branchName}`)).body['commit'];
    expect(commit).toMatchObject({ author: { name: 'Slipway' }, message: expect.stringMatching(/^Bring the shop\n\nSlipway-Mark: r_test/) });
  });

  it('is taken back by closing it and deleting its branch, but not once it holds the work of others, or was merged', async () => {
    const closed = await withHistory();
    const one = open(closed);
    await one.running;
    expect(await one.rig.undo()).toEqual([{ outcome: 'removed' }]);
    expect(await closed.pulls('all')).toMatchObject([{ state: 'closed', merged_at: null }]);
    expect(await branchOf(closed.fullName)).toBe('');

    const worked = await withHistory();
    const two = open(worked);
    await two.running;
    const tip = await branchOf(worked.fullName);
    const { body } = await api('POST', `/repos/${worked.fullName}/git/commits`, {
      ...{ message: 'My own work', parents: [tip] },
      tree: ((await api('GET', `/repos/${worked.fullName}/git/commits/${tip}`)).body['tree'] as Wire)['sha'],
    });
    await api('PATCH', `/repos/${worked.fullName}/git/refs/heads/${branchName}`, { sha: body['sha'] });
    expect(await two.rig.undo()).toEqual([{ outcome: 'kept', note: expect.stringContaining('which we did not push') }]);
    expect(await branchOf(worked.fullName)).toBe(body['sha']);

    const merged = await withHistory();
    const three = open(merged);
    const { pullRequestNumber } = await three.running;
    await api('PUT', `/repos/${merged.fullName}/pulls/${pullRequestNumber}/merge`, {});
    expect(await three.rig.undo()).toEqual([{ outcome: 'kept', note: expect.stringContaining('was merged') }]);
  });

  it('opens no second one where an answer was lost', async () => {
    const found = await withHistory();
    await sandbox.fault({ system: 'github', match: { method: 'POST', path: '/repos/*/*/pulls' }, fault: 'applied-then-timeout', delayMs: 100, times: 1 });
    await open(found).running;
    expect(await found.pulls('all')).toHaveLength(1);
  }, 30_000);

  it.each<[string, Record<string, string> | undefined, object, string]>([
    ['what is there already', { 'old.txt': 'old\n' }, {}, 'github_nothing_to_change'],
    ['a branch that is none', undefined, { targetBranchName: 'none' }, 'github_no_such_branch'],
    ['what was never filled in', { 'a.md': '{{APP_NAME}}\n' }, {}, 'github_push_unresolved'],
  ])('refuses %s', async (_title, files, more, code) => {
    const found = await withHistory(files);
    expect(await failureOf(open(found, more).running)).toMatchObject({ code, classification: 'fatal', remedy: expect.any(String) });
    expect(await branchOf(found.fullName)).toBe('');
  });

  it('refuses a repository that is none, once it has waited for one made a moment ago', async () => {
    const found = await scene();
    const step = found.step('publish:github:pull-request');
    let waited = 0;
    const clock = { now: () => new Date(waited), sleep: async (ms: number) => void (waited += ms) };
    const running = step.run(found.rig().context({ clock }), step.input.parse({ repository: `${sandbox.github.org}/none-at-all`, ...input }));
    expect(await failureOf(running)).toMatchObject({ code: 'github_not_found', classification: 'fatal', remedy: expect.any(String) });
    expect(waited).toBeGreaterThan(20_000);
  });
});
