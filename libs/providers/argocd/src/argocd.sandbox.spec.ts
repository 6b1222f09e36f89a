import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parse } from 'yaml';
import type { PlannedResource } from '@slipway/engine';
import { createStepRig, exerciseStep, realClock, type StepScene } from '@slipway/engine/testing';
import { applicationOf, argocdForSuite } from './testing/argocd-for-suite.js';
import { createTransport, type Transport } from './transport.js';

const { sandbox, setUp, publish, api } = argocdForSuite();

async function registrationsOf(url: string): Promise<object[]> {
  const { items } = (await api('GET', '/repositories')).body as { items?: { repo: string; name?: string; type?: string }[] };
  return (items ?? []).filter((item) => item.repo === url).map(({ repo, name, type }) => ({ repo, name, type }));
}

async function loginsAskedFor(): Promise<number> {
  const requests = (await sandbox.callControl('GET', '/requests?system=argocd')) as { method: string; path: string }[];
  return requests.filter(({ method, path }) => method === 'POST' && path === '/api/v1/session').length;
}

exerciseStep('argocd:repository:register', async (): Promise<StepScene> => {
  const { register, name, kinds, secrets } = setUp();
  const { url } = await publish(name, { namespace: true });
  return {
    ...{ kinds, secrets, step: register, input: { url } },
    makes: ['argocd:repository'],
    count: async () => (await registrationsOf(url)).length,
    foreign: {
      make: async () => void (await api('POST', '/repositories', { repo: url, type: 'git' })),
      look: () => registrationsOf(url),
      code: 'argocd_repository_taken',
    },
  };
});

exerciseStep('argocd:application:create', async (): Promise<StepScene> => {
  const { create, name, kinds, secrets } = setUp();
  const { url } = await publish(name, { namespace: true });
  const look = () => api('GET', `/applications/${name}?project=default`);
  return {
    ...{ kinds, secrets, step: create },
    input: { name, repoUrl: url, path: 'k8s', revision: 'main', namespace: name },
    makes: ['argocd:application'],
    count: async () => ((await look()).status === 200 ? 1 : 0),
    foreign: {
      make: async () => void (await api('POST', '/applications', applicationOf(name, url))),
      look: async () => {
        const { metadata, spec } = (await look()).body as { metadata?: { uid: string; labels?: object }; spec?: object };
        return { uid: metadata?.uid, labels: metadata?.labels, spec };
      },
      code: 'argocd_name_taken',
    },
  };
});

exerciseStep('argocd:project', async (): Promise<StepScene> => {
  const { project, name, kinds, secrets } = setUp();
  const look = () => api('GET', `/projects/${name}`);
  const repositories = [`https://github.com/acme/${name}.git`];
  return {
    ...{ kinds, secrets, step: project },
    input: { name, repositories, namespaces: [name] },
    makes: ['argocd:project'],
    count: async () => ((await look()).status === 200 ? 1 : 0),
    foreign: {
      // Of the same content, which Argo CD answers to a second creation as if that had made it.
      make: async () => {
        const destinations = [{ server: 'https://kubernetes.default.svc', namespace: name }];
        await api('POST', '/projects', { project: { metadata: { name }, spec: { description: '', sourceRepos: repositories, destinations } } });
      },
      look: async () => (await look()).body,
      code: 'argocd_project_taken',
    },
  };
});

describe('argocd:repository:register', () => {
  it('keeps a credential of its own for the repository where the installation says so, and gives it anew', async () => {
    const repositoryCredential = { username: 'slipway', password: 'env:GIT_TOKEN' };
    const { register, kinds, secrets, name } = setUp({ config: { repositoryCredential } });
    const { url } = await publish(name, { namespace: false });
    const mark = `r_${name}`;
    const withToken = (token: string) => createStepRig({ kinds, mark, secrets: { ...secrets, 'env:GIT_TOKEN': token } });
    await expect(withToken('wrong').run(register, { url, project: 'default' })).resolves.toBeTruthy();
    await withToken(sandbox.github.token).run(register, { url, project: 'default' });
    const { items } = (await api('GET', '/repositories')).body as { items: { repo: string; project?: string; username?: string }[] };
    expect(items.filter(({ repo }) => repo === url)).toMatchObject([{ project: 'default', username: 'slipway' }]);
    const rig = withToken(sandbox.github.token);
    await rig.run(register, { url, project: 'default' });
    expect(JSON.stringify([rig.ledger.rows, rig.lines])).not.toContain(sandbox.github.token);
    await rig.undo();
    expect(await registrationsOf(url)).toEqual([]);
  });

  it('waits for the first commit', async () => {
    const { register, kinds, secrets, name } = setUp();
    const { url, token, org } = sandbox.github;
    await fetch(`${url}/api/v3/orgs/${org}/repos`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      body: JSON.stringify({ name }),
    });
    const rig = createStepRig({ kinds, secrets });
    const input = register.input.parse({ url: `${url}/${org}/${name}.git` });
    await expect(register.run(rig.context(), input)).rejects.toMatchObject({
      classification: 'retry',
      code: 'argocd_repository_unreachable',
    });
    await rig.undo();
  });
});

describe('argocd:project', () => {
  it('follows what it is asked for and keeps what people have set', async () => {
    const { project, kinds, secrets, name } = setUp();
    const rig = createStepRig({ kinds, secrets });
    await rig.run(project, { name, repositories: ['https://github.com/acme/shop.git'], namespaces: ['shop'] });
    const { body } = await api('GET', `/projects/${name}`);
    const { metadata, spec } = body as { metadata: object; spec: object };
    const roles = [{ name: 'reader', policies: [`p, proj:${name}:reader, applications, get, ${name}/*, allow`] }];
    await api('PUT', `/projects/${name}`, { project: { metadata, spec: { ...spec, roles } } });
    await rig.run(project, { name, repositories: ['https://github.com/acme/*'], namespaces: ['shop', 'shop-test'] });
    const server = 'https://kubernetes.default.svc';
    expect((await api('GET', `/projects/${name}`)).body).toMatchObject({
      metadata: { labels: { 'slipway.dev/owner': rig.mark } },
      spec: {
        roles,
        sourceRepos: ['https://github.com/acme/*'],
        destinations: [
          { server, namespace: 'shop' },
          { server, namespace: 'shop-test' },
        ],
      },
    });
    await rig.undo();
  });

  it('is not taken for ours where somebody makes one of the same content since we looked', async () => {
    const { project, kinds, secrets, name } = setUp();
    const rig = createStepRig({ kinds, secrets });
    const destinations = [{ server: 'https://kubernetes.default.svc', namespace: name }];
    const spec = { description: '', sourceRepos: ['https://github.com/acme/shop.git'], destinations };
    const plan = async (resource: PlannedResource) => {
      await rig.ledger.plan(resource);
      await api('POST', '/projects', { project: { metadata: { name }, spec } });
    };
    const { ledger } = rig;
    const resources = { plan, created: () => Promise.reject(new Error('It is not ours.')), standing: () => ledger.standing(), remove: () => Promise.reject(new Error('Nothing is.')) };
    const input = project.input.parse({ name, repositories: spec.sourceRepos, namespaces: [name] });
    await expect(project.run(rig.context({ resources }), input)).rejects.toMatchObject({ code: 'argocd_project_taken' });
    await rig.undo();
    expect((await api('GET', `/projects/${name}`)).status).toBe(200);
  });

  it('goes after its application, and refuses what it does not permit', async () => {
    const { project, create, kinds, secrets, name } = setUp();
    const { url } = await publish(name, { namespace: false });
    const rig = createStepRig({ kinds, secrets });
    await rig.run(project, { name, repositories: [url], namespaces: [name] });
    const application = { name, repoUrl: url, path: 'k8s', revision: 'main', namespace: name, project: name };
    await expect(rig.run(create, { ...application, namespace: 'elsewhere' })).rejects.toMatchObject({
      ...{ classification: 'fatal', code: 'argocd_rejected' },
      message: expect.stringContaining('do not match any of the allowed destinations'),
    });
    await rig.run(create, application);
    const [row] = rig.ledger.rows;
    await expect(rig.ledger.remove(row!)).rejects.toMatchObject({ classification: 'retry', code: 'argocd_project_in_use' });
    await rig.undo();
    expect((await api('GET', `/projects/${name}`)).status).toBe(404);
  }, 30_000);

  it.each([
    [{ name: 'default' }, 'every Argo CD has'],
    [{ repositories: ['*'] }, 'URL of a repository'],
    [{ repositories: ['https://user:secret@example.com/a'] }, 'without a name or password'],
    [{ namespaces: ['*'] }, 'must not permit everything'],
    [{ namespaces: [] }, '>=1'],
  ])('refuses %j', (rest, message) => {
    const { project } = setUp();
    const parsed = project.input.safeParse({ name: 'shop', repositories: ['https://example.com/a'], namespaces: ['shop'], ...rest });
    expect(JSON.stringify(parsed.error?.issues)).toContain(message);
  });
});

describe('argocd:application:wait', () => {
  it('ends once the application is synced and healthy at the commit, and says on the way what is missing', async () => {
    const { create, wait, kinds, secrets, name } = setUp();
    const { url, commit } = await publish(name, { namespace: true });
    const rig = createStepRig({ kinds, secrets });
    await rig.run(create, { name, repoUrl: url, path: 'k8s', revision: 'main', namespace: name });
    const first = await wait.run(rig.context(), wait.input.parse({ name, revision: commit }));
    expect(first).toMatchObject({ wait: { afterMs: expect.any(Number), reason: expect.any(String) } });
    expect(await rig.run(wait, { name, revision: commit })).toMatchObject({ name, revision: commit });
    const { status } = (await api('GET', `/applications/${name}?project=default`)).body as { status?: object };
    expect(status).toMatchObject({ sync: { status: 'Synced', revision: commit }, health: { status: 'Healthy' } });
    await rig.undo();
  }, 60_000);

  it('does not take another commit for the one asked for', async () => {
    const { create, wait, kinds, secrets, name } = setUp();
    const { url, commit } = await publish(name, { namespace: true });
    const rig = createStepRig({ kinds, secrets });
    await rig.run(create, { name, repoUrl: url, path: 'k8s', revision: 'main', namespace: name });
    await rig.run(wait, { name, revision: commit });
    const other = wait.input.parse({ name, revision: 'f'.repeat(40), deadline: '1m' });
    expect(await wait.run(rig.context(), other)).toMatchObject({
      wait: { reason: expect.stringContaining(`the last sync was of revision ${commit.slice(0, 7)}, `) },
    });
    const late = rig.context({ startedAt: new Date(Date.now() - 61_000) });
    await expect(wait.run(late, other)).rejects.toMatchObject({
      ...{ classification: 'fatal', code: 'argocd_not_healthy' },
      ...{ message: expect.stringContaining('after 1m'), remedy: expect.stringContaining(`/applications/argocd/${name}`) },
    });
    await rig.undo();
  }, 60_000);

  it('has a failed sync tried once more, then fails with what Argo CD says', async () => {
    const { wait, kinds, secrets, name } = setUp();
    const { url, commit } = await publish(name, { namespace: false });
    const rig = createStepRig({ kinds, secrets });
    await api('POST', '/applications', applicationOf(name, url, { labels: { 'slipway.dev/owner': rig.mark } }));
    await expect(rig.run(wait, { name, revision: commit })).rejects.toMatchObject({
      ...{ classification: 'fatal', code: 'argocd_sync_failed' },
      message: expect.stringContaining('not found'),
    });
    expect(rig.lines.filter(({ message }) => message.includes('asking Argo CD for one more'))).toHaveLength(1);
    await api('DELETE', `/applications/${name}?project=default`);
  }, 60_000);

  it('fails where there is no such application', async () => {
    const { wait, kinds, secrets, name } = setUp();
    const running = createStepRig({ kinds, secrets }).run(wait, { name, revision: 'f'.repeat(40) });
    await expect(running).rejects.toMatchObject({ code: 'argocd_not_found' });
  });
});

describe('the removal of an application', () => {
  it('says what is left, and what of it is held by what, once that takes long', async () => {
    const { create, wait, kinds, secrets, name } = setUp();
    const { url, commit } = await publish(name, { namespace: true });
    const rig = createStepRig({ kinds, secrets, deadlineMs: 60_000 });
    await rig.run(create, { name, repoUrl: url, path: 'k8s', revision: 'main', namespace: name });
    await rig.run(wait, { name, revision: commit });
    await hold(`/api/v1/namespaces/${name}/configmaps/settings`, ['example.com/backup']);
    const [row] = await rig.ledger.standing();
    const kind = rig.ledger.kindOf(row!);
    const lookAfter = async (ms: number): Promise<string> => {
      const clock = { ...realClock, now: () => new Date(Date.now() + ms) };
      const removal = await kind.remove({ ...rig.ledger.context(), clock }, row!);
      return removal.outcome === 'pending' ? removal.reason : removal.outcome;
    };
    expect(await lookAfter(0)).toBe(`Argo CD is deleting the application ${name}`);
    expect(await lookAfter(0)).toBe(`Argo CD is deleting the application ${name}`);
    while ((await lookAfter(60_000)).includes('Deployment')) await realClock.sleep(200, rig.context().signal);
    expect(await lookAfter(60_000)).toContain(`; still there: ConfigMap ${name}/settings (Pending deletion)`);

    const application = (await api('GET', `/applications/${name}?project=default`)).body as { metadata: { finalizers: string[] }; spec: object };
    const metadata = { ...application.metadata, finalizers: [...application.metadata.finalizers, 'example.com/audit'] };
    await api('PUT', `/applications/${name}?project=default`, { metadata, spec: application.spec });
    expect(await lookAfter(60_000)).toMatch(/settings \(Pending deletion\).*; its finalizers example\.com\/audit are somebody else's/);
    await hold(`/api/v1/namespaces/${name}/configmaps/settings`, []);
    while (!(await lookAfter(60_000)).includes('nothing that it deployed is left')) await realClock.sleep(200, rig.context().signal);
    await api('PUT', `/applications/${name}?project=default`, { metadata: { ...metadata, finalizers: [] }, spec: application.spec });
    expect((await rig.undo()).map(({ outcome }) => outcome)).toEqual(['absent']);
  }, 60_000);

  async function hold(path: string, finalizers: string[]): Promise<void> {
    const { body } = await sandbox.callCluster('GET', path);
    const { status } = await sandbox.callCluster('PUT', path, { ...body, metadata: { ...(body['metadata'] as object), finalizers } });
    expect(status).toBe(200);
  }
});

describe('the way to the server', () => {
  it('trusts the authority that it is told, and no other', async () => {
    const { url, ca } = sandbox.kubernetes;
    const ask = (transport: Transport) => transport({ method: 'GET', path: '/version', signal: AbortSignal.timeout(5_000) });
    expect(await ask(createTransport(url, ca))).toMatchObject({ status: expect.any(Number) });
    await expect(ask(createTransport(url))).rejects.toMatchObject({ code: expect.stringMatching(/SELF_SIGNED|UNABLE_TO/) });
  });

  it('is well where we are let in and the project is there, and says what to do where not', async () => {
    const health = (config: object) => setUp({ config }).provider.health?.(AbortSignal.timeout(10_000));
    expect(await health({})).toEqual({ ok: true, detail: 'Logged in to Argo CD as admin.' });
    expect(await health({ project: 'nowhere' })).toMatchObject({ ok: false, detail: expect.stringContaining('nowhere') });
  });

  it("gets every step done with the documented project and a token of its role, and nothing elsewhere", async () => {
    const documented = resolve(import.meta.dirname, '../../../../docs/manifests/argocd-project.yaml');
    const { spec } = parse(await readFile(documented, 'utf8')) as { spec: object };
    const project = { metadata: { name: 'slipway' }, spec: { ...spec, sourceRepos: [`${sandbox.github.url}/*/*`] } };
    expect((await api('POST', '/projects', { project })).status).toBe(200);
    const { body } = await api('POST', '/projects/slipway/roles/deployer/token', { expiresIn: 3_600 });
    const config = {
      ...{ project: 'slipway', repositoryScope: 'project' },
      repositoryCredential: { password: 'env:GIT_TOKEN' },
    };
    const { provider, name, ...steps } = setUp({ config, token: body['token'] as string });
    const secrets = { ...steps.secrets, 'env:GIT_TOKEN': sandbox.github.token };
    const { url, commit } = await publish(name, { namespace: false });
    await sandbox.callCluster('POST', '/api/v1/namespaces', { metadata: { name } });
    const rig = createStepRig({ kinds: provider.kinds, secrets });
    await rig.run(steps.register, { url });
    await rig.run(steps.create, { name, repoUrl: url, path: 'k8s', revision: 'main', namespace: name });
    await rig.run(steps.sync, { name });
    await rig.run(steps.wait, { name, revision: commit });
    await expect(rig.run(steps.create, { name: `${name}-x`, repoUrl: url, path: 'k8s', revision: 'main', namespace: 'argocd' })).rejects.toMatchObject({
      message: expect.stringContaining('do not match any of the allowed destinations'),
    });
    const elsewhere = { name: `${name}-y`, repoUrl: url, path: 'k8s', revision: 'main', namespace: name, project: 'default' };
    await expect(rig.run(steps.create, elsewhere)).rejects.toMatchObject({ classification: 'fatal', code: 'argocd_forbidden' });
    await rig.undo();
    expect(await registrationsOf(url)).toEqual([]);
  }, 60_000);

  it("is well with a project's token, and tells when that ends", async () => {
    const { project, kinds, secrets, name } = setUp();
    const rig = createStepRig({ kinds, secrets });
    await rig.run(project, { name, repositories: ['https://github.com/acme/shop.git'], namespaces: ['shop'] });
    const { metadata, spec } = (await api('GET', `/projects/${name}`)).body as { metadata: object; spec: object };
    await api('PUT', `/projects/${name}`, { project: { metadata, spec: { ...spec, roles: [{ name: 'slipway' }] } } });
    const tokenFor = async (expiresIn: number) => {
      const { body } = await api('POST', `/projects/${name}/roles/slipway/token`, { expiresIn });
      return setUp({ config: { project: name }, token: body['token'] as string }).provider.health?.(AbortSignal.timeout(10_000));
    };
    expect(await tokenFor(3_600)).toMatchObject({ ok: true, detail: expect.stringContaining('put it at env:ARGOCD_TOKEN') });
    expect(await tokenFor(90 * 24 * 3_600)).toMatchObject({ ok: true, detail: expect.stringMatching(/Its token ends at /) });
    expect(await tokenFor(0)).toMatchObject({ ok: true, detail: expect.stringContaining('never ends') });
    await rig.undo();
  });
});

describe('the session', () => {
  it('is one login for all who ask at once', async () => {
    const { provider } = setUp();
    const before = await loginsAskedFor();
    const asking = [1, 2, 3, 4, 5].map(async () => provider.health?.(AbortSignal.timeout(10_000)));
    expect((await Promise.all(asking)).map((answer) => answer?.ok)).toEqual([true, true, true, true, true]);
    expect((await loginsAskedFor()) - before).toBe(1);
  });

  it('is renewed once where the server has forgotten it', async () => {
    const { provider } = setUp();
    await provider.health?.(AbortSignal.timeout(10_000));
    const before = await loginsAskedFor();
    const match = { method: 'GET', path: '/api/v1/session/userinfo' };
    await sandbox.fault({ system: 'argocd', match, fault: 'status', status: 401, times: 1 });
    expect(await provider.health?.(AbortSignal.timeout(10_000))).toMatchObject({ ok: true });
    expect((await loginsAskedFor()) - before).toBe(1);
  });

  it('asks once with a password that is refused, so that nobody is locked out', async () => {
    const { create, kinds, secrets, name } = setUp({ password: 'wrong-password' });
    const rig = createStepRig({ kinds, secrets });
    const before = await loginsAskedFor();
    for (let time = 0; time < 3; time += 1) {
      const running = rig.run(create, {
        name,
        repoUrl: 'https://example.com/a.git',
        path: 'k8s',
        revision: 'main',
        namespace: name,
      });
      await expect(running).rejects.toMatchObject({
        code: 'argocd_unauthorized',
        remedy: expect.stringContaining('env:ARGOCD_PASSWORD'),
      });
    }
    expect((await loginsAskedFor()) - before).toBe(1);
  });
});
