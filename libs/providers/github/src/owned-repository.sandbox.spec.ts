import { failureOf } from '@slipway/engine/testing';
import { githubForSuite } from './testing/github-scene.js';

const { scene, api, sandbox } = githubForSuite();

async function created() {
  const made = await scene();
  const rig = made.rig();
  const create = () => rig.run(made.step('github:repo:create'), { name: made.name });
  await create();
  const inIt = (id: string, input: object = {}) => rig.run(made.step(id), { repository: made.fullName, ...input });
  const there = async () => (await api('GET', `/repos/${made.fullName}`)).status === 200;
  return { ...made, rig, create, inIt, there };
}

const rewrite = (fullName: string) => api('PATCH', `/repos/${fullName}`, { description: 'Our shop, described by us' });

describe('a repository of ours whose description a person rewrote', () => {
  it.each(['delete', undefined])('goes on the way back (%s)', async (disposition) => {
    const { rig, inIt, there, fullName } = await created();
    await inIt('github:repo:push');
    await rewrite(fullName);
    const [row] = await rig.ledger.standing();
    expect(await rig.ledger.kindOf(row!).observe(rig.ledger.context(), row!)).toMatchObject({ exists: true, owned: true });
    expect(await rig.undo({ disposition })).toEqual([{ outcome: 'removed' }]);
    expect(await there()).toBe(false);
  });

  it('is archived where that was asked for', async () => {
    const { rig, fullName } = await created();
    await rewrite(fullName);
    expect(await rig.undo({ disposition: 'archive' })).toMatchObject([{ outcome: 'kept' }]);
    expect((await api('GET', `/repos/${fullName}`)).body['archived']).toBe(true);
    await api('DELETE', `/repos/${fullName}`);
  });

  it('is found by a later attempt, pushed to, and gets what its steps add', async () => {
    const { rig, create, inIt, there, fullName } = await created();
    await rewrite(fullName);
    await create();
    await inIt('github:repo:push');
    await inIt('github:environment:create', { name: 'production' });
    await inIt('github:repo:archive');
    await api('PATCH', `/repos/${fullName}`, { archived: false });
    const [, environment] = await rig.ledger.standing();
    expect(await rig.ledger.remove(environment!)).toEqual({ outcome: 'removed' });
    await rig.undo();
    expect(await there()).toBe(false);
  });
});

describe('a repository of the name that ours had', () => {
  async function replaced() {
    const made = await created();
    await made.inIt('github:environment:create', { name: 'production' });
    await api('DELETE', `/repos/${made.fullName}`);
    await api('POST', `/orgs/${sandbox.github.org}/repos`, { name: made.name, description: 'Mine' });
    await api('PUT', `/repos/${made.fullName}/environments/production`, {});
    return made;
  }

  it('is left as it is', async () => {
    const { rig, fullName } = await replaced();
    expect(await rig.undo({ disposition: 'delete' })).toMatchObject([{ outcome: 'foreign' }, { outcome: 'foreign' }]);
    expect((await api('GET', `/repos/${fullName}/environments/production`)).status).toBe(200);
    await api('DELETE', `/repos/${fullName}`);
  });

  it('is not pushed to', async () => {
    const { create, inIt, fullName } = await replaced();
    expect(await failureOf(inIt('github:repo:push'))).toMatchObject({ code: 'github_repository_foreign' });
    expect(await failureOf(create())).toMatchObject({ code: 'github_name_taken' });
    await api('DELETE', `/repos/${fullName}`);
  });
});

it("a repository that an earlier life of the entity left behind is not a step's to use", async () => {
  const { rig, step, name, fullName } = await created();
  await rewrite(fullName);
  for (const row of rig.ledger.rows) Object.assign(row, { runId: 'r_earlier' });
  expect(await failureOf(rig.run(step('github:repo:create'), { name }))).toMatchObject({ code: 'github_name_taken' });
  await api('DELETE', `/repos/${fullName}`);
});
