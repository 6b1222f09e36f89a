import { join } from 'node:path';
import { createStepRig, failureOf, sandboxForSuite } from '@slipway/engine/testing';
import { removeTemporaryFolders, temporaryFolder } from '@slipway/templating/testing';
import { stringify } from 'yaml';
import { type Composition, compose } from './compose.js';
import { inMemory } from './surroundings.js';

const sandbox = sandboxForSuite();
afterAll(removeTemporaryFolders);

async function post(url: URL, body: object): Promise<Record<string, unknown>> {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${url.pathname} answered ${answer.status}: ${await answer.text()}`);
  return (await answer.json()) as Record<string, unknown>;
}

async function callAkeyless(path: string, body: Record<string, unknown>): Promise<void> {
  const { url, accessId, accessKey } = sandbox.akeyless;
  const { token } = await post(new URL('/auth', url), { 'access-id': accessId, 'access-key': accessKey });
  await post(new URL(path, url), { ...body, token });
}

async function argocdToken(): Promise<unknown> {
  const { url, username, password } = sandbox.argocd;
  return (await post(new URL('/api/v1/session', url), { username, password }))['token'];
}

/** An installation all of whose secrets lie in Akeyless, but the one that opens it. */
async function composeAll(): Promise<Composition> {
  const { github, argocd, akeyless } = sandbox;
  const folder = await temporaryFolder({ 'access-key': akeyless.accessKey });
  const content = {
    publicUrl: 'https://slipway.example.com',
    clients: [{ id: 'ci', secret: 'akeyless:/platform/clients#ci', roles: ['admin'] }],
    templates: [{ name: 'paths', git: 'https://git.example.com/paths.git', token: 'akeyless:/platform/git#token' }],
    allowedHosts: [{ host: 'git.example.com', token: 'akeyless:/platform/git#token' }],
    integrations: {
      github: {
        url: github.url,
        apiUrl: `${github.url}/api/v3`,
        org: github.org,
        token: 'akeyless:/platform/github#token',
        webhookSecret: 'akeyless:/platform/webhook',
      },
      kubernetes: { kubeconfig: sandbox.kubeconfig },
      argocd: { url: argocd.url, token: 'akeyless:/platform/argocd#token' },
      akeyless: { url: akeyless.url, accessId: akeyless.accessId, accessKey: `file:${join(folder, 'access-key')}` },
    },
  };
  const config = join(await temporaryFolder({ 'config.yaml': stringify(content) }), 'config.yaml');
  return compose(config, inMemory());
}

const HELD = {
  '/platform/clients': { ci: 'client-secret' },
  '/platform/git': { token: 'git-token' },
  '/platform/github': { token: 'a-token-that-was-revoked' },
  '/platform/webhook': 'webhook-secret',
  '/platform/argocd': { token: 'a-token-that-was-revoked-too' },
  '/platform/sealing-key': 'c2VhbGluZw==',
};

beforeAll(async () => {
  for (const [name, value] of Object.entries(HELD)) {
    await callAkeyless('/create-secret', { name, value: typeof value === 'string' ? value : JSON.stringify(value) });
  }
});

describe('secrets in Akeyless', () => {
  it('stand wherever configuration takes a secret, and are redacted once they were read', async () => {
    const { config, secrets, processSecrets } = await composeAll();
    const named = [...JSON.stringify(config).matchAll(/"(akeyless:[^"]+)"/g)].map(([, reference]) => String(reference));
    expect(named).toHaveLength(6);
    // SLIPWAY_KEY is resolved through the same door.
    for (const reference of [...named, 'akeyless:/platform/sealing-key']) {
      const value = await secrets.resolve(reference);
      expect(value).not.toContain('{');
      expect(processSecrets.redact(`it is ${value}`)).not.toContain(value);
    }
  });

  it("that are rotated hold from the next call on: GitHub's token and Argo CD's", async () => {
    const { registry, secrets, providers } = await composeAll();
    const create = registry.step('github:repo:create')!;
    const rig = createStepRig({ kinds: [] });
    const run = () => create.run(rig.context({ secrets }), create.input.parse({ name: 'rotated' }));
    const argocd = () => providers.find(({ name }) => name === 'argocd')?.health?.(AbortSignal.timeout(10_000));
    expect((await failureOf(run())).code).toBe('github_unauthorized');
    expect(await argocd()).toMatchObject({ ok: false });

    await callAkeyless('/update-secret-val', { name: '/platform/github', value: JSON.stringify({ token: sandbox.github.token }) });
    await callAkeyless('/update-secret-val', { name: '/platform/argocd', value: JSON.stringify({ token: await argocdToken() }) });
    expect(await run()).toMatchObject({ output: { name: 'rotated' } });
    expect(await argocd()).toMatchObject({ ok: true });
  });
});
