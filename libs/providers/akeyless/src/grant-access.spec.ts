import type { Provider } from '@slipway/engine';
import { createStepRig, exerciseStep, failureOf, sandboxForSuite, stepOf, type StepScene } from '@slipway/engine/testing';
import type { z } from 'zod';
import type { AkeylessConfig } from './config.js';
import { akeylessProvider } from './provider.js';
import { akeylessState, callAkeyless, post } from './testing/call-akeyless.js';
import { logInAsPod, makeIssuer, makeServiceAccounts } from './testing/log-in-as.js';

const sandbox = sandboxForSuite();
let provider: Provider;
let workflows: Awaited<ReturnType<typeof makeIssuer>>;
let names = 0;

beforeAll(async () => {
  workflows = await makeIssuer(sandbox, '/ci/github');
  const { accessId, audience } = workflows;
  provider = providerWith({ ...sandbox.akeyless.access, github: { authMethod: '/ci/github', accessId, audience } });
});

function providerWith(access: z.input<typeof AkeylessConfig>['access']): Provider {
  const { url, accessId, accessKey } = sandbox.akeyless;
  const secrets = { resolve: () => Promise.resolve(accessKey), protect: () => undefined };
  return akeylessProvider({ url, accessId, accessKey: 'env:AKEYLESS_ACCESS_KEY', access }, secrets);
}

const grant = () => stepOf(provider, 'akeyless:access:grant');

/** An application's name that nobody else uses, with a secret that it may come to read. */
async function freshApp(): Promise<string> {
  names += 1;
  const app = `app-${names}`;
  await callAkeyless(sandbox, '/create-secret', { name: `/slipway/${app}/credential`, value: `of ${app}` });
  return app;
}

function inputFor(app: string) {
  return { name: `${app}/access`, path: `/slipway/${app}/credential`, kubernetes: { namespace: app, serviceAccount: app } };
}

/** What a caller with this token finds there: the value, or the status of the refusal. */
async function read(token: string, name: string): Promise<unknown> {
  try {
    const values = await post(new URL('/get-secret-value', sandbox.akeyless.url), { token, names: [name] });
    return (values as Record<string, unknown>)[name];
  } catch (error) {
    return /answered (\d+)/.exec((error as Error).message)?.[1];
  }
}

async function rolesOf(app: string): Promise<string[]> {
  const { roles } = await akeylessState(sandbox);
  return roles.map(({ name }) => name).filter((name) => name.startsWith(`/slipway/${app}/`));
}

exerciseStep('akeyless:access:grant', async (): Promise<StepScene> => {
  const app = await freshApp();
  const role = `/slipway/${app}/access`;
  return {
    step: grant(),
    kinds: provider.kinds,
    input: inputFor(app),
    makes: ['akeyless:role'],
    count: async () => (await rolesOf(app)).length,
    foreign: {
      async make() {
        await callAkeyless(sandbox, '/create-role', { name: role, description: 'of the data team' });
        await callAkeyless(sandbox, '/set-role-rule', { 'role-name': role, path: '/data/*', capability: ['read'] });
      },
      look: () => callAkeyless(sandbox, '/get-role', { name: role }),
      code: 'akeyless_name_taken',
    },
  };
});

describe('akeyless:access:grant', () => {
  it("lets an application's pods read their own secret and not another's", async () => {
    const [one, other] = [await freshApp(), await freshApp()];
    const rigs = [one, other].map(() => createStepRig({ kinds: provider.kinds }));
    await makeServiceAccounts(sandbox, one, [one, 'stranger']);
    const pod = await logInAsPod(sandbox, one, one);
    const elsewhere = await logInAsPod(sandbox, one, 'stranger');
    expect(await read(pod, `/slipway/${one}/credential`)).toBe('401');

    const { kubernetes } = sandbox.akeyless.access;
    expect(await rigs[0]?.run(grant(), { ...inputFor(one), path: `${one}/credential` })).toEqual({
      path: `/slipway/${one}/credential`,
      url: sandbox.akeyless.url,
      kubernetes: {
        role: `/slipway/${one}/access`,
        accessId: kubernetes.accessId,
        authConfig: kubernetes.authConfig,
        audience: kubernetes.audience,
      },
    });
    await rigs[1]?.run(grant(), inputFor(other));
    expect(await read(pod, `/slipway/${one}/credential`)).toBe(`of ${one}`);
    expect(await read(pod, `/slipway/${other}/credential`)).toBe('401');
    expect(await read(elsewhere, `/slipway/${one}/credential`)).toBe('401');

    await rigs[0]?.undo();
    expect(await read(pod, `/slipway/${one}/credential`)).toBe('401');
    expect(await rolesOf(other)).toHaveLength(1);
  });

  it('lets the workflows of one repository, in one environment, read just what they are to', async () => {
    const app = await freshApp();
    const rig = createStepRig({ kinds: provider.kinds });
    await callAkeyless(sandbox, '/create-secret', { name: `/slipway/${app}/registry`, value: 'push' });
    const github = { repositoryId: 7, environment: 'production', paths: [`/slipway/${app}/registry`] };
    const { accessId, audience } = workflows;
    expect(await rig.run(grant(), { ...inputFor(app), github })).toMatchObject({
      github: { role: `/slipway/${app}/access-workflows`, accessId, audience },
    });

    const ours = await workflows.logIn({ repository_id: '7', environment: 'production' });
    expect(await read(ours, `/slipway/${app}/registry`)).toBe('push');
    expect(await read(ours, `/slipway/${app}/credential`)).toBe('401');
    for (const claims of [{ repository_id: '8', environment: 'production' }, { repository_id: '7', environment: 'pr' }, { repository_id: '7' }]) {
      expect(await read(await workflows.logIn(claims as Record<string, string>), `/slipway/${app}/registry`)).toBe('401');
    }
    expect((await rig.undo()).map(({ outcome }) => outcome)).toEqual(['removed', 'removed']);
    expect(await rolesOf(app)).toEqual([]);
  });

  it('binds to the owner, too, where it is told', async () => {
    const app = await freshApp();
    await createStepRig({ kinds: provider.kinds }).run(grant(), {
      ...inputFor(app),
      kubernetes: undefined,
      github: { repositoryId: '17', environment: 'production', ownerId: 5 },
    });
    const claims = { repository_id: '17', environment: 'production' };
    const path = `/slipway/${app}/credential`;
    expect(await read(await workflows.logIn({ ...claims, repository_owner_id: '5' }), path)).toBe(`of ${app}`);
    expect(await read(await workflows.logIn({ ...claims, repository_owner_id: '6' }), path)).toBe('401');
  });

  it('takes from a role of ours what was added to it', async () => {
    const app = await freshApp();
    const rig = createStepRig({ kinds: provider.kinds });
    const role = `/slipway/${app}/access`;
    await rig.run(grant(), inputFor(app));
    await callAkeyless(sandbox, '/set-role-rule', { 'role-name': role, path: '/*', capability: ['read'] });
    await callAkeyless(sandbox, '/set-role-rule', { 'role-name': role, path: `/slipway/${app}/credential`, capability: ['read', 'delete'] });
    await callAkeyless(sandbox, '/assoc-role-am', { 'role-name': role, 'am-name': '/ci/github', 'sub-claims': { environment: 'x' } });
    await rig.run(grant(), inputFor(app));
    expect(await callAkeyless(sandbox, '/get-role', { name: role })).toMatchObject({
      rules: { path_rules: [{ type: 'item-rule', path: `/slipway/${app}/credential`, capabilities: ['read'] }] },
      role_auth_methods_assoc: [{ auth_method_sub_claims: { namespace: [app], service_account_name: [app] } }],
    });
  });

  it.each([
    [{ kubernetes: undefined, github: undefined }, 'akeyless_access_not_configured', 'akeyless.access.kubernetes'],
    [{ kubernetes: { authMethod: '/gone', accessId: 'p-1', authConfig: 'x' } }, 'akeyless_auth_method_missing', 'akeyless.access.kubernetes.authMethod'],
  ])('says so where the configuration is %j', async (access, code, setting) => {
    const app = await freshApp();
    const rig = createStepRig({ kinds: provider.kinds });
    const error = await failureOf(rig.run(stepOf(providerWith(access), 'akeyless:access:grant'), inputFor(app)));
    expect(error).toMatchObject({ classification: 'fatal', code });
    expect(error.remedy).toContain(setting);
    await rig.undo();
    expect(await rolesOf(app)).toEqual([]);
  });

  it.each([
    [{ kubernetes: undefined }, 'for whom'],
    [{ kubernetes: { namespace: 'a*', serviceAccount: 'web' } }, 'lower-case'],
    [{ kubernetes: { namespace: 'a', serviceAccount: 'a,b' } }, 'service account'],
    [{ github: { repositoryId: 'acme/shop', environment: 'production' } }, 'number'],
    [{ github: { repositoryId: 7, environment: '*' } }, 'letters'],
    [{ path: '/slipway/*' }, 'path of letters'],
  ])('refuses %j', (rest, message) => {
    const parsed = grant().input.safeParse({ ...inputFor('shop'), ...rest });
    expect(JSON.stringify(parsed.error?.issues)).toContain(message);
  });
});
