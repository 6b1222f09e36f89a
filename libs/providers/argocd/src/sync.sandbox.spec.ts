import type { CommitGraph } from '@slipway/engine';
import { createStepRig, exerciseStep, type StepRig, type StepScene } from '@slipway/engine/testing';
import { applicationOf, argocdForSuite } from './testing/argocd-for-suite.js';

const { sandbox, setUp, publish, api } = argocdForSuite();

/** What the sandbox's GitHub says, as a host of repositories would. */
const githubSays: CommitGraph = {
  async descends(_ctx, { repositoryUrl, ancestor, commit }) {
    const { url, token } = sandbox.github;
    const path = new URL(repositoryUrl).pathname.replace(/\.git$/, '');
    const headers = { authorization: `Bearer ${token}` };
    const response = await fetch(`${url}/api/v3/repos${path}/compare/${ancestor}...${commit}`, { headers });
    const { status } = (await response.json()) as { status: string };
    return ['ahead', 'identical'].includes(status);
  },
};

interface UnderTest {
  automated?: boolean;
  commits?: CommitGraph;
  retryAfter?: string;
  namespace?: boolean;
}

async function applicationUnderTest({ commits, namespace = true, automated = false, ...options }: UnderTest = {}) {
  const parts = setUp(commits ? { commits } : {});
  const { kinds, secrets, name } = parts;
  const repository = await publish(name, { namespace });
  const rig = createStepRig({ kinds, secrets });
  const labels = { 'slipway.dev/owner': rig.mark };
  await api('POST', '/applications', applicationOf(name, repository.url, { labels, automated, ...options }));
  return { ...parts, ...repository, rig };
}

async function statusOf(name: string) {
  const { body } = await api('GET', `/applications/${name}?project=default`);
  return (body as { status: { operationState?: { startedAt: string; operation: object; phase: string } } }).status;
}

/** One call of the step: where the operation is not taken up yet, it waits. */
const once = (rig: StepRig, step: ReturnType<typeof setUp>['sync'], input: object) => step.run(rig.context(), step.input.parse(input));

async function operationsBegun(name: string): Promise<number> {
  const requests = (await sandbox.callControl('GET', '/requests?system=argocd')) as { method: string; path: string; status: number }[];
  const path = `/api/v1/applications/${name}/sync`;
  return requests.filter((request) => request.method === 'POST' && request.path === path && request.status === 200).length;
}

exerciseStep(
  'argocd:application:sync',
  async (): Promise<StepScene> => {
    const { sync, name, kinds, secrets } = setUp();
    const { url } = await publish(name, { namespace: true });
    const mark = `r_${name}`;
    await api('POST', '/applications', applicationOf(name, url, { labels: { 'slipway.dev/owner': mark }, automated: false }));
    return {
      ...{ kinds, secrets, mark, step: sync, input: { name } },
      count: () => Promise.resolve(0),
      close: async () => void (await api('DELETE', `/applications/${name}?project=default`)),
    };
  },
  { makesNothing: 'an operation is over by itself' },
);

exerciseStep(
  'argocd:application:wait',
  async (): Promise<StepScene> => {
    const { wait, name, kinds, secrets } = setUp();
    const { url, commit } = await publish(name, { namespace: true });
    await api('POST', '/applications', applicationOf(name, url));
    return {
      ...{ kinds, secrets, step: wait, input: { name, revision: commit } },
      count: () => Promise.resolve(0),
      close: async () => void (await api('DELETE', `/applications/${name}?project=default`)),
    };
  },
  { makesNothing: 'it waits' },
);

describe('argocd:application:sync', () => {
  it('deploys the newest commit, once however often it is called, and the wait ends with it', async () => {
    const { sync, wait, name, commit, rig } = await applicationUnderTest();
    const output = (await rig.run(sync, { name })) as { revision: string; startedAt: string };
    expect(output).toMatchObject({ name, revision: commit });
    expect(await rig.run(sync, { name })).toEqual(output);
    expect(await operationsBegun(name)).toBe(1);
    await rig.run(wait, { name, revision: output.revision, requestedAt: output.startedAt });
    expect((await statusOf(name)).operationState).toMatchObject({
      startedAt: output.startedAt,
      operation: { sync: { revision: commit }, info: [{ name: 'slipway', value: `${rig.mark} step` }] },
    });
  }, 60_000);

  it('deploys an older commit where Argo CD does not sync by itself', async () => {
    const { sync, name, commit, push, rig } = await applicationUnderTest();
    await push({ 'k8s/more.json': JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'more', namespace: name } }) });
    expect(await rig.run(sync, { name, revision: commit })).toMatchObject({ revision: commit });
  }, 60_000);

  it("takes Argo CD's own sync of the same commit for its own", async () => {
    // Without its namespace the first try fails, and Argo CD is still at it when we come.
    const { sync, name, commit, rig } = await applicationUnderTest({ automated: true, namespace: false, retryAfter: '1h' });
    expect(await rig.run(sync, { name, revision: commit })).toMatchObject({ revision: commit });
    expect(await operationsBegun(name)).toBe(0);
    expect((await statusOf(name)).operationState).toMatchObject({ operation: { initiatedBy: { automated: true } } });
  }, 60_000);

  it('lets the operation of another commit end, and then asks for its own', async () => {
    const { sync, name, push, rig } = await applicationUnderTest();
    // It pauses before its only retry until the sandbox's clock says so.
    const retryStrategy = { limit: 1, backoff: { duration: '1h', factor: 1, maxDuration: '1h' } };
    const broken = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x', namespace: 'nowhere' } };
    await push({ 'k8s/broken.json': JSON.stringify(broken) });
    await api('POST', `/applications/${name}/sync`, { retryStrategy });
    const commit = await push({ 'k8s/broken.json': JSON.stringify({ ...broken, metadata: { name: 'x', namespace: name } }) });
    const first = await once(rig, sync, { name });
    expect(first).toMatchObject({ wait: { reason: expect.stringMatching(/another operation is running \(of admin, to .*let to end/) } });
    await sandbox.callControl('PUT', '/clock', { advance: 'PT1H' });
    expect(await rig.run(sync, { name })).toMatchObject({ revision: commit });
  }, 60_000);

  it('waits for what Argo CD follows to hold the commit, and does not take another for it', async () => {
    const { sync, name, commit, push, rig } = await applicationUnderTest({ automated: true, commits: githubSays });
    expect(await once(rig, sync, { name, revision: 'f'.repeat(40) })).toMatchObject({
      wait: { reason: `Argo CD follows main, now at ${commit.slice(0, 7)}, which is not known to hold fffffff` },
    });
    const later = await push({ 'README.md': 'Hello' });
    expect(await rig.run(sync, { name, revision: commit })).toMatchObject({ revision: later });
  }, 60_000);

  it('waits for a closed sync window, then says what to do', async () => {
    const { sync, name, rig } = await applicationUnderTest();
    const match = { method: 'POST', path: `/api/v1/applications/${name}/sync` };
    const message = 'cannot sync: blocked by sync window';
    await sandbox.fault({ system: 'argocd', match, fault: 'status', status: 403, message, times: 2 });
    expect(await once(rig, sync, { name })).toMatchObject({ wait: { reason: 'a sync window of the project is closed' } });
    const late = rig.context({ startedAt: new Date(Date.now() - 61_000) });
    await expect(sync.run(late, sync.input.parse({ name, deadline: '1m' }))).rejects.toMatchObject({
      ...{ classification: 'fatal', code: 'argocd_sync_not_begun' },
      remedy: expect.stringContaining('sync window'),
    });
  }, 30_000);

  it('leaves applications of others alone', async () => {
    const { sync, name, kinds, secrets } = await applicationUnderTest();
    const stranger = createStepRig({ kinds, secrets });
    await expect(stranger.run(sync, { name })).rejects.toMatchObject({ classification: 'fatal', code: 'argocd_foreign' });
    await expect(stranger.run(sync, { name: 'nobody' })).rejects.toMatchObject({ code: 'argocd_not_found' });
    expect((await statusOf(name)).operationState).toBeUndefined();
  });
});

describe('argocd:application:wait', () => {
  it('is content with a commit that came after the one asked for, and with no other', async () => {
    const { wait, name, commit, push, rig } = await applicationUnderTest({ automated: true, commits: githubSays });
    const settings = (greeting: string) =>
      JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'more', namespace: name }, data: { greeting } });
    const later = await push({ 'k8s/more.json': settings('hi') });
    expect(await rig.run(wait, { name, revision: commit })).toMatchObject({ revision: later });
    const unknown = await once(rig, wait, { name, revision: 'f'.repeat(40) });
    expect(unknown).toMatchObject({ wait: { reason: expect.stringMatching(/which does not descend from fffffff$/) } });
  }, 60_000);

  it('does not guess where nobody knows how the commits follow each other', async () => {
    const { wait, name, commit, push, rig } = await applicationUnderTest({ automated: true });
    const later = await push({ 'k8s/more.json': JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'm', namespace: name } }) });
    await rig.run(wait, { name, revision: later });
    expect(await once(rig, wait, { name, revision: commit })).toMatchObject({
      wait: { reason: expect.stringMatching(/nobody here can tell whether that descends from/) },
    });
  }, 60_000);

  it('has a commit synced that changes nothing which is deployed', async () => {
    const { wait, name, commit, push, rig } = await applicationUnderTest({ automated: true });
    await rig.run(wait, { name, revision: commit });
    const later = await push({ 'README.md': 'Hello' });
    expect(await rig.run(wait, { name, revision: later })).toMatchObject({ revision: later });
  }, 60_000);

  it('looks twice anew where something else was synced between two looks', async () => {
    const { sync, wait, name, commit, rig } = await applicationUnderTest();
    await api('POST', `/applications/${name}/sync`, {});
    await rig.run(wait, { name, revision: commit });
    const first = await once(rig, wait, { name, revision: commit });
    const { startedAt } = (await rig.run(sync, { name })) as { startedAt: string };
    await rig.run(wait, { name, revision: commit, requestedAt: startedAt });
    const state = 'wait' in first ? first.wait.state : undefined;
    const reason = 'healthy; Argo CD compares once more';
    expect([first, await wait.run(rig.context({ state }), { name, revision: commit, deadline: '1m' })]).toMatchObject([
      { wait: { reason } },
      { wait: { reason } },
    ]);
  }, 60_000);

  it('looks at what the nodes pulled where it is told which image', async () => {
    const { wait, name, commit, rig } = await applicationUnderTest({ automated: true });
    await rig.run(wait, { name, revision: commit });
    const digest = `sha256:${'a'.repeat(64)}`;
    const input = { name, revision: commit, image: `registry.example.com/app@${digest}` };
    expect(await once(rig, wait, input)).toMatchObject({
      wait: { reason: expect.stringMatching(/^pod app-\S+ runs registry.example.com\/app at no known digest$/) },
    });
    expect(await once(rig, wait, { ...input, image: `registry.example.com/other@${digest}` })).toMatchObject({
      wait: { reason: 'no pod runs registry.example.com/other' },
    });
    const { body } = await sandbox.callCluster('GET', `/api/v1/namespaces/${name}/pods`);
    const [pod] = body['items'] as { metadata: { name: string }; status: { containerStatuses: { imageID: string }[] } }[];
    for (const status of pod!.status.containerStatuses) status.imageID = `docker-pullable://registry.example.com/app@${digest}`;
    await sandbox.callCluster('PUT', `/api/v1/namespaces/${name}/pods/${pod!.metadata.name}/status`, pod);
    expect(await rig.run(wait, input)).toMatchObject({ revision: commit });
    expect(wait.input.safeParse({ ...input, image: 'registry.example.com/app:1' }).success).toBe(false);
  }, 60_000);
});
