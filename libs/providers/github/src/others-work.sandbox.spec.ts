import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { githubForSuite } from './testing/github-scene.js';

const { scene, api, git, remoteOf, pushByAnother } = githubForSuite();

const ada = { name: 'Ada', email: 'ada@example.com' };
const actions = { name: 'github-actions[bot]', email: '41898282+github-actions[bot]@users.noreply.github.com' };

interface Push {
  by: typeof ada;
  ref: string;
  /** Absent: our commit. */
  onto?: string;
  /** An annotated tag on it, and no commit. */
  tags?: boolean;
}

async function pushed(pushes: readonly Push[], botBranches?: string[]) {
  const { rig: makeRig, step, name, fullName } = await scene();
  const rig = makeRig();
  await rig.run(step('github:repo:create'), { name });
  await rig.run(step('github:repo:push'), { repository: fullName, tag: 'v0.1.0', botBranches });
  for (const each of pushes) await push(fullName, each);
  return { rig, fullName };
}

async function push(fullName: string, { by, ref, onto = 'refs/heads/main', tags }: Push): Promise<void> {
  const place = await mkdtemp(join(tmpdir(), 'slipway-bot-'));
  const run = async (...args: string[]) => (await git('-C', place, '-c', `user.name=${by.name}`, '-c', `user.email=${by.email}`, ...args)).trim();
  await git('clone', '--quiet', '--mirror', remoteOf(fullName), place);
  const made = tags ? await run('tag', '--annotate', '-m', 'Ours', 'made', onto) : await run('commit-tree', `${onto}^{tree}`, '-p', onto, '-m', `For ${ref}`);
  await run('push', '--quiet', remoteOf(fullName), `${made || 'refs/tags/made'}:${ref}`);
  await rm(place, { recursive: true });
}

it('undo deletes a repository that was never pushed to', async () => {
  const { rig: makeRig, step, name } = await scene();
  const rig = makeRig();
  await rig.run(step('github:repo:create'), { name });
  expect(await rig.undo()).toEqual([{ outcome: 'removed' }]);
});

it('undo archives what a person began before we pushed anything', async () => {
  const { rig: makeRig, step, name, fullName } = await scene();
  const rig = makeRig();
  await rig.run(step('github:repo:create'), { name });
  await pushByAnother(fullName, 'main');
  expect(await rig.undo()).toMatchObject([{ outcome: 'kept', note: expect.stringContaining('main holds') }]);
  await api('DELETE', `/repos/${fullName}`);
});

const botBranches = ['image-*', 'dependabot/**'];
const image = 'refs/heads/image-v0.1.0';

it.each<[string, Push[]]>([
  ['a tag of ours that a person wrote', [{ by: ada, ref: 'refs/tags/v1', tags: true }]],
  ['a branch that a workflow of ours made', [{ by: actions, ref: image }]],
  ['more that it did there', [{ by: actions, ref: image }, { by: actions, ref: image, onto: image }]],
  ['what it proposed, and the branch is gone', [{ by: actions, ref: 'refs/pull/1/head' }]],
  ['branches of several', [{ by: actions, ref: image }, { by: actions, ref: 'refs/heads/dependabot/pip/python-1' }]],
])('undo deletes a repository that holds %s', async (_title, pushes) => {
  const { rig, fullName } = await pushed(pushes, botBranches);
  expect(await rig.undo()).toEqual([{ outcome: 'removed' }]);
  expect((await api('GET', `/repos/${fullName}`)).status).toBe(404);
});

it.each<[string, string, Push[], string[]?]>([
  ["a person's commit on such a branch", 'image-v0.1.0', [{ by: actions, ref: image }, { by: ada, ref: image, onto: image }]],
  ["a person's commit under one of a workflow", 'image-v0.1.0', [{ by: ada, ref: image }, { by: actions, ref: image, onto: image }]],
  ["a person's branch beside it", 'try', [{ by: actions, ref: image }, { by: ada, ref: 'refs/heads/try' }]],
  ["a person's proposal", 'pull/1/head', [{ by: ada, ref: 'refs/pull/1/head' }]],
  ['a branch of a workflow that nobody named', 'other', [{ by: actions, ref: 'refs/heads/other' }]],
  ['such a branch where none was named', 'image-v0.1.0', [{ by: actions, ref: image }], []],
  ['a tag of a workflow', 'image-1', [{ by: actions, ref: 'refs/tags/image-1' }]],
  ['what a workflow added to our branch', 'main', [{ by: actions, ref: 'refs/heads/main' }]],
])('undo archives a repository that holds %s', async (_title, ref, pushes, named = botBranches) => {
  const { rig, fullName } = await pushed(pushes, named);
  const note = expect.stringMatching(new RegExp(`${ref} holds [0-9a-f]{7}, which we did not push`));
  expect(await rig.undo()).toEqual([{ outcome: 'kept', note }]);
  expect((await api('GET', `/repos/${fullName}`)).body['archived']).toBe(true);
  await api('DELETE', `/repos/${fullName}`);
});
