import { Octokit } from 'octokit';
import { ArgoClient } from '../testing/argo-client.js';
import { GitClient } from '../testing/git-client.js';
import { SandboxProcess } from '../testing/sandbox-process.js';
import { until } from '../testing/until.js';

let sandbox: SandboxProcess;
let admin: ArgoClient;
let repo: string;

beforeAll(async () => {
  sandbox = await SandboxProcess.start();
  const { github, argocd } = sandbox.connection;
  admin = await ArgoClient.login(argocd);
  const octokit = new Octokit({ baseUrl: `${github.url}/api/v3`, auth: github.token, throttle: { enabled: false } });
  repo = (await octokit.rest.repos.createInOrg({ org: github.org, name: 'shop', private: true })).data.clone_url;
  const work = await GitClient.init(sandbox.home, github.token);
  const configMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'colors' }, data: { color: 'red' } };
  const role = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata: { name: 'reader' }, rules: [] };
  const elsewhere = { ...configMap, metadata: { name: 'colors', namespace: 'kube-system' } };
  await work.commit('first', {
    'deploy/colors.json': JSON.stringify(configMap),
    'forbidden/role.json': JSON.stringify(role),
    'elsewhere/colors.json': JSON.stringify(elsewhere),
  });
  await work.git('push', '--quiet', repo, 'main');
}, 90_000);
afterAll(() => sandbox.remove());

const POLICIES = [
  'p, proj:team:deployer, applications, *, team/*, allow',
  'p, proj:team:deployer, applications, delete, team/keep, deny',
  'p, proj:team:deployer, repositories, *, team/*, allow',
];

/** Everything in namespaces that begin with team, and of the namespaced kinds no roles. */
function projectOf(name: string, spec: object = {}) {
  return {
    metadata: { name },
    spec: {
      sourceRepos: [`${repo.slice(0, repo.lastIndexOf('/'))}/*`],
      destinations: [{ server: 'https://kubernetes.default.svc', namespace: `${name}-*` }],
      namespaceResourceBlacklist: [{ group: 'rbac.authorization.k8s.io', kind: '*' }],
      clusterResourceWhitelist: [{ group: '', kind: 'Namespace' }],
      ...spec,
    },
  };
}

function applicationOf(name: string, { project = 'team', path = 'deploy', namespace = 'team-shop', repoURL = repo } = {}) {
  return {
    metadata: { name },
    spec: {
      project,
      source: { repoURL, path, targetRevision: 'main' },
      destination: { server: 'https://kubernetes.default.svc', namespace },
      syncPolicy: { syncOptions: ['CreateNamespace=true'] },
    },
  };
}

const create = (project: object, more: object = {}) => admin.send('POST', '/projects', { project, ...more });

describe('projects', () => {
  it('are created, compared, replaced and deleted', async () => {
    expect((await create(projectOf('first'))).body).toMatchObject({ metadata: { name: 'first', namespace: 'argocd' } });
    expect((await create(projectOf('first'))).status).toBe(200);
    const different = await create(projectOf('first', { description: 'other' }));
    expect(different).toMatchObject({ status: 400, body: { code: 3, message: expect.stringContaining('use upsert flag') } });
    expect((await create(projectOf('first', { description: 'other' }), { upsert: true })).body).toMatchObject({
      spec: { description: 'other' },
    });
    expect((await admin.send('DELETE', '/projects/first')).status).toBe(200);
    expect(await admin.send('GET', '/projects/first')).toMatchObject({ status: 404, body: { code: 5 } });
    expect(await admin.send('DELETE', '/projects/default')).toMatchObject({ status: 400, body: { code: 3 } });
  });

  it.each([
    ['p, proj:bad:r, applications, get, other/*, allow', /object must be of form 'bad\/\*'/],
    ['p, proj:other:r, applications, get, bad/*, allow', /policy subject must be: 'proj:bad:r', not 'proj:other:r'/],
    ['p, proj:bad:r, applications, fly, bad/*, allow', /invalid action 'fly'/],
    ['p, proj:bad:r, projects, get, bad/*, allow', /project resource must be/],
    ['p, proj:bad:r, applications, get, bad/*, maybe', /effect must be: 'allow' or 'deny'/],
    ['applications, get', /must be of the form: 'p, sub, res, act, obj, eft'/],
  ])('refuse the policy %s', async (policy, message) => {
    const refused = await create(projectOf('bad', { roles: [{ name: 'r', policies: [policy] }] }));
    expect(refused).toMatchObject({ status: 400, body: { code: 3, message: expect.stringMatching(message) } });
  });
});

describe('what a project allows', () => {
  beforeAll(() => create(projectOf('team')));

  it.each([
    ['another repository', { repoURL: 'https://elsewhere.example/x/y.git' }, /application repo .* is not permitted in project 'team'/],
    [
      'another namespace',
      { namespace: 'other' },
      /server 'https:\/\/kubernetes.default.svc' and namespace 'other' do not match any of the allowed destinations in project 'team'/,
    ],
    ['an unknown project', { project: 'nobody' }, /application references project nobody which does not exist/],
  ])('is checked at the door, validated or not: %s', async (_what, overrides, message) => {
    const refused = await admin.send('POST', '/applications?validate=false', applicationOf('refused', overrides));
    expect(refused).toMatchObject({ status: 400, body: { code: 3, message: expect.stringMatching(message) } });
  });

  it.each([
    ['forbidden', 'resource rbac.authorization.k8s.io:Role is not permitted in project team'],
    ['elsewhere', "namespace kube-system is not permitted in project 'team'"],
  ])('is checked again for each object: %s', async (path, message) => {
    await admin.send('POST', '/applications', applicationOf(path, { path }));
    await admin.send('POST', `/applications/${path}/sync`, {});
    const failed = await until(
      () => admin.send('GET', `/applications/${path}?project=team`),
      ({ body }) => (body['status'] as { operationState?: { finishedAt?: string } }).operationState?.finishedAt !== undefined,
    );
    expect(failed.body).toMatchObject({
      status: {
        operationState: {
          phase: 'Failed',
          message: 'one or more synchronization tasks are not valid',
          syncResult: { resources: [{ status: 'SyncFailed', message }] },
        },
      },
    });
  });

  it('shows in applications that were there before it was narrowed', async () => {
    await create(projectOf('narrow'));
    await admin.send('POST', '/applications', applicationOf('narrowed', { project: 'narrow', namespace: 'narrow-a' }));
    const narrower = projectOf('narrow', { destinations: [{ server: '*', namespace: 'narrow-b' }] });
    const refused = await admin.send('PUT', '/projects/narrow', { project: narrower });
    expect(refused).toMatchObject({ status: 400, body: { message: expect.stringContaining('1 applications destination became invalid') } });
    await create(narrower, { upsert: true });
    const { body } = await admin.send('GET', '/applications/narrowed?project=narrow&refresh=normal');
    expect(body).toMatchObject({ status: { sync: { status: 'Unknown' }, conditions: [{ type: 'InvalidSpecError' }] } });
    expect(await admin.send('DELETE', '/projects/narrow')).toMatchObject({ status: 400, body: { message: 'project is referenced by 1 applications' } });
  });
});

describe('a token of a role', () => {
  let role: ArgoClient;
  const tokenPath = '/projects/team/roles/deployer/token';

  beforeAll(async () => {
    await create(projectOf('team', { roles: [{ name: 'deployer', policies: POLICIES }] }), { upsert: true });
    await create(projectOf('rival'));
    role = await newToken({ id: 'slipway' });
  });

  async function newToken(asked: object): Promise<ArgoClient> {
    const { body } = await admin.send('POST', tokenPath, asked);
    return new ArgoClient(sandbox.connection.argocd.url, String(body['token']));
  }

  it('does in its project what its policies say', async () => {
    expect((await role.send('POST', '/applications', applicationOf('ours'))).status).toBe(200);
    expect((await role.send('GET', '/applications/ours?project=team')).status).toBe(200);
    expect((await role.send('POST', '/applications/ours/sync', { project: 'team' })).status).toBe(200);
    expect((await role.send('GET', '/session/userinfo')).body).toMatchObject({ username: 'proj:team:deployer' });
    await role.send('POST', '/applications', applicationOf('keep'));
    expect((await role.send('DELETE', '/applications/keep?project=team')).status).toBe(403);
    expect((await role.send('DELETE', '/applications/ours?project=team')).status).toBe(200);
  });

  it('sees nothing of other projects, nor whether there is something', async () => {
    await admin.send('POST', '/applications', applicationOf('theirs', { project: 'rival', namespace: 'rival-a' }));
    const listed = await role.send('GET', '/applications');
    const names = ((listed.body['items'] ?? []) as { metadata: { name: string } }[]).map(({ metadata }) => metadata.name);
    expect(names).not.toContain('theirs');
    for (const path of ['/applications/theirs', '/applications/theirs?project=rival', '/applications/nobody']) {
      expect(await role.send('GET', path)).toEqual({
        status: 403,
        body: { error: 'permission denied', code: 7, message: 'permission denied' },
      });
    }
    // In its own project it learns what is not there.
    for (const path of ['/applications/theirs?project=team', '/applications/nobody?project=team']) {
      expect(await role.send('GET', path)).toMatchObject({ status: 404, body: { code: 5 } });
    }
    const created = await role.send('POST', '/applications', applicationOf('mine', { project: 'rival', namespace: 'rival-a' }));
    expect(created).toMatchObject({
      status: 403,
      body: { code: 7, message: expect.stringMatching(/^permission denied: applications, create, rival\/mine, sub: proj:team:deployer, iat: /) },
    });
  });

  it('looks at its project and gives no tokens', async () => {
    expect((await role.send('GET', '/projects/team')).status).toBe(200);
    expect((await role.send('GET', '/projects/rival')).status).toBe(403);
    expect(((await role.send('GET', '/projects')).body['items'] as unknown[])).toHaveLength(1);
    expect((await role.send('POST', tokenPath, {})).status).toBe(403);
    expect((await role.send('PUT', '/projects/team', { project: projectOf('team') })).status).toBe(403);
  });

  it('registers repositories for its project alone', async () => {
    const scoped = { repo, type: 'git', project: 'team' };
    expect((await role.send('POST', '/repositories', scoped)).status).toBe(200);
    expect((await role.send('POST', '/repositories', { repo, type: 'git' })).status).toBe(403);
    const path = `/repositories/${encodeURIComponent(repo)}?appProject=team`;
    expect((await role.send('GET', path)).body).toMatchObject({ repo, project: 'team' });
    expect((await role.send('DELETE', path)).status).toBe(200);
  });

  it('is good until it expires or is taken away', async () => {
    expect(await admin.send('POST', tokenPath, { id: 'slipway' })).toMatchObject({
      status: 400,
      body: { message: expect.stringContaining("Token id 'slipway' has been used") },
    });
    const short = await newToken({ expiresIn: 600 });
    const removed = await newToken({ id: 'removed' });
    for (const client of [short, removed]) expect(await client.send('GET', '/applications')).toMatchObject({ status: 200 });
    const issued = (await admin.send('GET', '/projects/team')).body as {
      status: { jwtTokensByRole: { deployer: { items: { id: string; iat: number }[] } } };
    };
    const { iat } = issued.status.jwtTokensByRole.deployer.items.find(({ id }) => id === 'removed')!;
    await admin.send('DELETE', `/projects/team/roles/deployer/token/${iat}?id=removed`);
    expect(await removed.send('GET', '/applications')).toMatchObject({
      status: 401,
      body: { code: 16, message: expect.stringContaining(`issued at '${iat}' does not exist in project 'team'`) },
    });
    await sandbox.control('PUT', '/clock', { advance: 'PT11M' });
    expect(await short.send('GET', '/applications')).toMatchObject({ status: 401, body: { message: expect.stringContaining('expired') } });
  });
});
