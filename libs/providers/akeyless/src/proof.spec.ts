import { readFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Provider } from '@slipway/engine';
import { failureOf, sandboxForSuite } from '@slipway/engine/testing';
import type { z } from 'zod';
import { AkeylessConfig } from './config.js';
import { akeylessProvider } from './provider.js';
import { callAkeyless } from './testing/call-akeyless.js';
import { makeIssuer, makeServiceAccounts, serviceAccountToken } from './testing/log-in-as.js';

const sandbox = sandboxForSuite();
let folder: string;
let tokenFile: string;
let protectedValues: string[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-proof-'));
  tokenFile = join(folder, 'token');
  await callAkeyless(sandbox, '/create-secret', { name: '/platform/token', value: 'opened' });
  await callAkeyless(sandbox, '/create-role', { name: '/slipway-itself' });
  await callAkeyless(sandbox, '/set-role-rule', { 'role-name': '/slipway-itself', path: '/platform/*', capability: ['read'] });
});

afterAll(() => rm(folder, { recursive: true }));

function providerWith(config: Partial<z.input<typeof AkeylessConfig>>): Provider {
  protectedValues = [];
  const secrets = {
    resolve: (reference: string) => readFile(reference.replace('file:', ''), 'utf8'),
    protect: (value: string) => void protectedValues.push(value),
  };
  const { url, accessId } = sandbox.akeyless;
  return akeylessProvider({ url, accessId, ...config }, secrets);
}

const read = (provider: Provider) => provider.secrets!.resolve('/platform/token', undefined);

describe('logging in by Kubernetes', () => {
  const project = async (account: string) =>
    writeFile(tokenFile, await serviceAccountToken(sandbox, 'slipway', account, sandbox.akeyless.access.kubernetes.audience));

  it('shows the token that lies in the file at that moment, and logs in anew once its own has expired', async () => {
    const { accessId, authConfig, authMethod } = sandbox.akeyless.access.kubernetes;
    await makeServiceAccounts(sandbox, 'slipway', ['worker', 'other']);
    const claims = { namespace: 'slipway', service_account_name: 'worker' };
    await callAkeyless(sandbox, '/assoc-role-am', { 'role-name': '/slipway-itself', 'am-name': authMethod, 'sub-claims': claims });
    const provider = providerWith({ accessId, kubernetes: { authConfig, tokenFile } });
    await project('worker');
    expect(await read(provider)).toBe('opened');
    expect(protectedValues).toContain(Buffer.from(await readFile(tokenFile, 'utf8')).toString('base64'));

    await sandbox.callControl('PUT', '/clock', { advance: 'PT2H' });
    await writeFile(tokenFile, 'a.b.c');
    const refused = await failureOf(read(provider));
    expect(refused).toMatchObject({ classification: 'fatal', remedy: expect.stringContaining(`k8s auth config ${authConfig}`) });
    expect(`${refused.message} ${refused.remedy}`).not.toContain('a.b.c');
    await project('worker');
    expect(await read(provider)).toBe('opened');
  });

  it('tells a permission that is missing from a login that failed', async () => {
    const { accessId, authConfig } = sandbox.akeyless.access.kubernetes;
    await project('other');
    const error = await failureOf(read(providerWith({ accessId, kubernetes: { authConfig, tokenFile } })));
    expect(error.message).toContain('does not let Slipway');
  });
});

describe('logging in by JWT', () => {
  it('shows the token that the reference leads to at that moment', async () => {
    const issuer = await makeIssuer(sandbox, '/slipway-jwt');
    const claims = { 'role-name': '/slipway-itself', 'am-name': '/slipway-jwt', 'sub-claims': { repository_id: '7' } };
    await callAkeyless(sandbox, '/assoc-role-am', claims);
    const provider = providerWith({ accessId: issuer.accessId, jwt: `file:${tokenFile}` });
    await writeFile(tokenFile, 'no.jwt.here');
    expect(await failureOf(read(provider))).toMatchObject({ classification: 'fatal', remedy: expect.stringContaining('akeyless.jwt') });
    await writeFile(tokenFile, issuer.tokenFor({ repository_id: '7' }));
    expect(await read(provider)).toBe('opened');
  });
});

describe('the configuration', () => {
  it.each([
    [{}, 'one of accessKey, kubernetes and jwt'],
    [{ accessKey: 'env:KEY', jwt: 'env:JWT' }, 'one of accessKey, kubernetes and jwt'],
    [{ accessKey: 'akeyless:/slipway/key' }, 'must not lie in Akeyless itself'],
    [{ jwt: 'akeyless:/slipway/key' }, 'must not lie in Akeyless itself'],
  ])('refuses %j', (login, message) => {
    const parsed = AkeylessConfig.safeParse({ url: 'https://gw.example.com:8081', accessId: 'p-1', ...login });
    expect(JSON.stringify(parsed.error?.issues)).toContain(message);
  });
});
