import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAppAuth } from '@octokit/auth-app';
import { MemoryRateLimiter, type Provider, systemClock } from '@slipway/engine';
import { createStepRig, failureOf, sandboxForSuite, stepOf } from '@slipway/engine/testing';
import { GithubConfig } from './config.js';
import { githubProvider } from './provider.js';

const sandbox = sandboxForSuite();
let workspace: string;
let names = 0;

beforeAll(async () => {
  workspace = await mkdtemp(join(tmpdir(), 'slipway-workspace-'));
  await writeFile(join(workspace, 'main.py'), 'print("hello")\n');
});
afterAll(() => rm(workspace, { recursive: true, force: true }));

function setUp(more: { id?: number | string; installationId?: number; privateKey?: string } = {}) {
  const { url, org, app } = sandbox.github;
  const { privateKey = app.privateKey, ...rest } = more;
  const config = GithubConfig.parse({
    ...{ url, apiUrl: `${url}/api/v3`, org, webhookSecret: 'env:NONE', throttle: false },
    app: { id: app.id, privateKey: 'env:APP_KEY', ...rest },
  });
  const secrets = { 'env:APP_KEY': privateKey };
  const provider = githubProvider(config, {
    secrets: createStepRig({ kinds: [], secrets }).context().secrets,
    limiter: new MemoryRateLimiter(systemClock),
  });
  const name = `by-app-${process.pid}-${(names += 1)}`;
  const rig = createStepRig({ kinds: provider.kinds, secrets, files: { workspace, template: workspace } });
  return { provider, rig, name, fullName: `${org}/${name}` };
}

async function health(provider: Provider) {
  return provider.health?.(AbortSignal.timeout(10_000));
}

/** What was asked since; the bodies of requests are shown, secret values masked. */
async function tokenRequests(): Promise<{ permissions?: object; repositories?: string[] }[]> {
  const answered = (await sandbox.callControl('GET', '/requests?system=github')) as { path: string; body?: unknown }[];
  return answered
    .filter(({ path }) => path.endsWith('/access_tokens'))
    .map(({ body }) => (typeof body === 'string' ? JSON.parse(body) : body) as { permissions?: object; repositories?: string[] });
}

it('does all that a token does, over REST and git, each call with no more than it needs', async () => {
  const before = (await tokenRequests()).length;
  const { provider, rig, name, fullName } = setUp();
  await rig.run(stepOf(provider, 'github:repo:create'), { name });
  await rig.run(stepOf(provider, 'github:repo:push'), { repository: fullName, message: 'Begin', tag: 'v0.1.0' });
  expect(await rig.undo()).toEqual([{ outcome: 'removed' }]);
  const asked = (await tokenRequests()).slice(before);
  for (const { permissions } of asked) expect(Object.keys(permissions ?? {}).length).toBeGreaterThan(0);
  expect(asked).toContainEqual({ permissions: { contents: 'write', workflows: 'write' }, repositories: [name] });
  expect(asked).toContainEqual({ permissions: { administration: 'write' }, repositories: [name] });
  // Each once: they are kept.
  expect(new Set(asked.map((one) => JSON.stringify(one))).size).toBe(asked.length);
  expect([...rig.values].some((value) => value.startsWith('ghs_'))).toBe(true);
});

it('is found by its client id, and by the installation that is named', async () => {
  const { clientId, installationId } = sandbox.github.app;
  expect(await health(setUp({ id: clientId, installationId }).provider)).toEqual({ ok: true, detail: expect.any(String) });
});

it.each<[string, () => Parameters<typeof setUp>[0], string, RegExp]>([
  ['an App that is none', () => ({ id: 7 }), 'github_not_found', /does not know the App 7/],
  ['a key that is not its', () => ({ privateKey: anotherKey() }), 'github_unauthorized', /not by this private key/],
  ['a key that is none', () => ({ privateKey: 'not a key' }), 'github_app_key', /not one that can be signed with/],
  ['an installation that is none', () => ({ installationId: 9 }), 'github_not_found', /it is not installed in acme/],
])('%s: a clear error with a remedy', async (_title, more, code, message) => {
  const { provider, rig, name } = setUp(more());
  const failure = await failureOf(rig.run(stepOf(provider, 'github:repo:create'), { name }));
  expect(failure).toMatchObject({ classification: 'fatal', code, message: expect.stringMatching(message), remedy: expect.stringContaining('env:APP_KEY') });
  expect(JSON.stringify([failure.message, failure.remedy, await health(provider)])).not.toContain('PRIVATE KEY');
  expect(await health(provider)).toMatchObject({ ok: false, detail: expect.stringMatching(message) });
});

it('says that its installation is suspended, and since when', async () => {
  const { provider, rig, name } = setUp();
  expect((await suspend('PUT')).status).toBe(204);
  try {
    expect(await failureOf(rig.run(stepOf(provider, 'github:repo:create'), { name }))).toMatchObject({ code: 'github_app_suspended' });
    expect(await health(provider)).toMatchObject({ ok: false, detail: expect.stringMatching(/suspended since 20.*An owner of acme/) });
  } finally {
    await suspend('DELETE');
  }
  expect(await health(provider)).toMatchObject({ ok: true });
});

/** Last: time goes on, and not back. */
it('goes on with a new token where the kept one is no longer good, over REST and git', async () => {
  const { provider, rig, name, fullName } = setUp();
  await rig.run(stepOf(provider, 'github:repo:create'), { name });
  await rig.run(stepOf(provider, 'github:repo:push'), { repository: fullName, message: 'Begin' });
  await sandbox.callControl('PUT', '/clock', { advance: 'PT2H' });
  await rig.run(stepOf(provider, 'github:repo:push'), { repository: fullName, message: 'Begin' });
  await rig.undo();
}, 30_000);

async function suspend(method: 'PUT' | 'DELETE'): Promise<Response> {
  const { url, app } = sandbox.github;
  const { token } = await createAppAuth({ appId: app.id, privateKey: app.privateKey })({ type: 'app' });
  return fetch(`${url}/api/v3/app/installations/${app.installationId}/suspended`, { method, headers: { authorization: `Bearer ${token}` } });
}

function anotherKey(): string {
  return generateKeyPairSync('rsa', { modulusLength: 2_048 }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}
