import { exerciseStep } from '@slipway/engine/testing';
import { githubForSuite } from './testing/github-scene.js';
import { withinRepository } from './testing/within-repository.js';

const suite = githubForSuite();
const { scene, api, sandbox } = suite;

exerciseStep(
  'github:issues:create',
  async () => {
    const { at, ...rest } = await withinRepository(suite, 'github:issues:create', { title: 'Welcome', body: 'Read this first.', labels: ['question'] });
    return { ...rest, makes: ['github:issue'], count: async () => (await api('GET', `${at}/issues`)).list.length };
  },
  { nothingForeign: 'two issues may have one title' },
);

exerciseStep(
  'github:issues:label',
  async () => {
    const { at, before, ...rest } = await withinRepository(suite, 'github:issues:label', { number: 1, labels: ['Ready'] });
    return {
      ...rest,
      before: async (rig) => {
        await before?.(rig);
        await api('POST', `${at}/issues`, { title: 'Somebody asks' });
      },
      makes: ['github:issue-label'],
      count: async () => (await api('GET', `${at}/issues/1/labels`)).list.length,
    };
  },
  { nothingForeign: 'a label that is there already is left, and not ours' },
);

describe('issues and their labels', () => {
  async function made() {
    const { name, fullName, step, rig: newRig } = await scene();
    await api('POST', `/orgs/${sandbox.github.org}/repos`, { name });
    const rig = newRig();
    const at = `/repos/${fullName}`;
    const run = (id: string, input: object) => rig.run(step(id), { repository: fullName, ...input });
    return { rig, at, run, close: () => api('DELETE', at) };
  }

  it('opens one for each step, whatever their titles, in any repository, and another once it was taken back', async () => {
    const { rig, at, run, close } = await made();
    const create = () => run('github:issues:create', { title: 'Ready?', assignees: ['slipway-bot'] });
    const [first, sandboxed] = [await create(), (await api('GET', `${at}/issues/1`)).body];
    expect(first).toEqual({ issueUrl: sandboxed['html_url'], issueNumber: 1 });
    expect(sandboxed).toMatchObject({ body: expect.stringContaining(rig.mark), assignees: [{ login: 'slipway-bot' }] });
    await rig.undo();
    expect((await api('GET', `${at}/issues/1`)).body).toMatchObject({ state: 'closed', state_reason: 'not_planned' });
    expect(await create()).toMatchObject({ issueNumber: 2 });
    await api('POST', `${at}/issues`, { title: 'Ready?', body: 'Mine' });
    await rig.undo();
    expect((await api('GET', `${at}/issues`)).list).toMatchObject([{ number: 3 }]);
    await close();
  });

  it('leaves an issue that somebody made another of, and one in an archive', async () => {
    const { rig, at, run, close } = await made();
    await run('github:issues:create', { title: 'Ready?' });
    await api('PATCH', `${at}/issues/1`, { body: 'Something else' });
    expect(await rig.undo()).toMatchObject([{ outcome: 'foreign', note: expect.stringContaining('left as it is') }]);
    const other = await made();
    await other.run('github:issues:create', { title: 'Ready?', labels: ['bug'] });
    await other.run('github:issues:label', { number: 1, labels: ['ready'] });
    await api('PATCH', other.at, { archived: true });
    expect(await other.rig.undo()).toMatchObject([{ outcome: 'kept' }, { outcome: 'kept' }]);
    await Promise.all([close(), other.close()]);
  });

  it('takes back the labels that were not there before, and no other', async () => {
    const { rig, at, run, close } = await made();
    await api('POST', `${at}/issues`, { title: 'Somebody asks', labels: ['bug'] });
    expect(await run('github:issues:label', { number: '1', labels: ['Bug', 'ready', 'urgent'] })).toEqual({ labels: ['bug', 'ready', 'urgent'] });
    await api('DELETE', `${at}/issues/1/labels/urgent`);
    expect(await rig.undo()).toEqual([{ outcome: 'absent' }, { outcome: 'removed' }]);
    expect((await api('GET', `${at}/issues/1/labels`)).list).toMatchObject([{ name: 'bug' }]);
    await close();
  });

  it('says what is not there', async () => {
    const { at, run, close } = await made();
    await expect(run('github:issues:label', { number: 7, labels: ['bug'] })).rejects.toMatchObject({ code: 'github_not_found', remedy: expect.stringContaining('issueNumber') });
    await expect(run('github:issues:create', { title: 'x', assignees: ['nobody'] })).rejects.toMatchObject({ code: 'github_rejected', message: expect.stringContaining('assignees') });
    await api('PATCH', at, { has_issues: false });
    await expect(run('github:issues:create', { title: 'x' })).rejects.toMatchObject({ code: 'github_turned_off', remedy: expect.stringContaining('settings') });
    await close();
  });
});
