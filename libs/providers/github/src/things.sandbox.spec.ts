import { exerciseStep } from '@slipway/engine/testing';
import { githubForSuite } from './testing/github-scene.js';
import { withinRepository } from './testing/within-repository.js';

const suite = githubForSuite();
const { scene, api, sandbox } = suite;
const hookUrl = 'https://ci.example.com/hook';

const within = (stepId: string, input: object) => withinRepository(suite, stepId, input);

const removalCannotTell = 'it has no place for a mark: the ledger alone tells whose it is';

exerciseStep(
  'github:webhook',
  async () => {
    const { at, ...rest } = await within('github:webhook', { webhookUrl: hookUrl, webhookSecretFrom: 'env:HOOK_SECRET', contentType: 'json' });
    const hooks = async () => (await api('GET', `${at}/hooks`)).list;
    return {
      ...rest,
      makes: ['github:webhook'],
      count: async () => (await hooks()).length,
      foreign: {
        make: async () => void (await api('POST', `${at}/hooks`, { name: 'web', config: { url: hookUrl }, events: ['push'] })),
        // How its deliveries fare is GitHub's to tell.
        look: async () => (await hooks()).map((hook) => ({ ...(hook as object), last_response: null })),
        code: 'github_thing_foreign',
      },
    };
  },
  { removalCannotTell },
);

exerciseStep(
  'github:environment:create',
  async () => {
    const { at, ...rest } = await within('github:environment:create', { name: 'eu/prod', waitTimer: 5, environmentVariables: { REGION: 'eu' } });
    const environments = async () => (await api('GET', `${at}/environments`)).body['environments'] as unknown[] | undefined;
    return {
      ...rest,
      makes: ['github:environment'],
      count: async () => (await environments())?.length ?? 0,
      foreign: {
        make: async () => void (await api('PUT', `${at}/environments/eu%2Fprod`, {})),
        look: environments,
        code: 'github_thing_foreign',
      },
    };
  },
  { removalCannotTell },
);

exerciseStep(
  'github:actions:secret',
  async () => {
    const { at, ...rest } = await within('github:actions:secret', { name: 'deploy_key', valueFrom: 'env:VALUE' });
    const secrets = async () => (await api('GET', `${at}/actions/secrets`)).body['secrets'] as unknown[] | undefined;
    return {
      ...rest,
      makes: ['github:actions-secret'],
      count: async () => (await secrets())?.length ?? 0,
      foreign: {
        make: async () => {
          const { key, key_id } = (await api('GET', `${at}/actions/secrets/public-key`)).body;
          await api('PUT', `${at}/actions/secrets/DEPLOY_KEY`, { encrypted_value: await sealed('mine', String(key)), key_id });
        },
        look: secrets,
        code: 'github_thing_foreign',
      },
    };
  },
  { removalCannotTell },
);

exerciseStep(
  'github:repo:archive',
  async () => {
    const { at, ...rest } = await within('github:repo:archive', {});
    return { ...rest, count: async () => ((await api('GET', at)).body['archived'] === true ? 0 : 1) };
  },
  { makesNothing: 'it makes read-only what an earlier step made' },
);

async function sealed(value: string, key: string): Promise<string> {
  const { default: sodium } = await import('libsodium-wrappers');
  await sodium.ready;
  const { ORIGINAL } = sodium.base64_variants;
  return sodium.to_base64(sodium.crypto_box_seal(sodium.from_string(value), sodium.from_base64(key, ORIGINAL)), ORIGINAL);
}

describe('what is put into a repository', () => {
  async function made() {
    const found = await scene();
    const rig = found.rig();
    await rig.run(found.step('github:repo:create'), { name: found.name });
    return {
      ...found,
      at: `/repos/${found.fullName}`,
      run: (id: string, input: object) => rig.run(found.step(id), { repository: found.fullName, ...input }),
      undo: () => rig.undo(),
      typed: (value: string) => rig.values.add(value),
      handled: rig.values,
    };
  }

  it('is as it was asked for', async () => {
    const { run, undo, at } = await made();
    await run('github:webhook', { webhookUrl: hookUrl, webhookSecretFrom: 'env:HOOK_SECRET', events: ['push', 'pull_request'], active: false, contentType: 'json' });
    expect((await api('GET', `${at}/hooks`)).list).toMatchObject([
      { active: false, events: ['push', 'pull_request'], config: { url: hookUrl, content_type: 'json', insecure_ssl: '0', secret: '********' } },
    ]);
    await run('github:environment:create', { name: 'prod', waitTimer: 5, environmentVariables: { REGION: 'eu', TIER: '1' } });
    await run('github:environment:create', { name: 'prod', waitTimer: 7, environmentVariables: { REGION: 'us' } });
    expect((await api('GET', `${at}/environments/prod`)).body).toMatchObject({ protection_rules: [{ type: 'wait_timer', wait_timer: 7 }] });
    expect((await api('GET', `${at}/environments/prod/variables/REGION`)).body).toMatchObject({ value: 'us' });
    await run('github:actions:secret', { name: 'TOKEN', valueFrom: 'env:VALUE', environment: 'prod' });
    expect((await api('GET', `${at}/environments/prod/secrets`)).body).toMatchObject({ secrets: [{ name: 'TOKEN' }] });
    expect((await api('GET', `${at}/actions/secrets`)).body).toMatchObject({ total_count: 0 });
    expect(await undo()).toEqual(Array.from({ length: 4 }, () => ({ outcome: 'removed' })));
  });

  it('can be made read-only as a whole, once as well as twice', async () => {
    const { run, at, fullName } = await made();
    for (let time = 0; time < 2; time += 1) expect(await run('github:repo:archive', {})).toMatchObject({ fullName });
    expect((await api('GET', at)).body['archived']).toBe(true);
    await api('DELETE', at);
  });

  it('is refused in a repository of somebody else', async () => {
    const { name, fullName, step, rig } = await scene();
    await api('POST', `/orgs/${sandbox.github.org}/repos`, { name });
    const inputs: [string, object][] = [
      ['github:webhook', { webhookUrl: hookUrl }],
      ['github:environment:create', { name: 'prod' }],
      ['github:actions:secret', { name: 'TOKEN', valueFrom: 'env:VALUE' }],
      ['github:repo:archive', {}],
    ];
    for (const [id, input] of inputs) {
      await expect(rig().run(step(id), { repository: fullName, ...input })).rejects.toMatchObject({ code: 'github_repository_foreign', remedy: expect.any(String) });
    }
    expect((await api('GET', `/repos/${fullName}`)).body['archived']).toBe(false);
    await api('DELETE', `/repos/${fullName}`);
  });

  it('takes a secret that somebody typed as it is, and none that was written in clear', async () => {
    const { run, undo, at, typed, handled } = await made();
    typed('env:VALUE');
    await run('github:actions:secret', { name: 'TOKEN', value: 'env:VALUE' });
    await run('github:webhook', { webhookUrl: hookUrl, webhookSecret: 'env:VALUE' });
    for (const [id, input] of [
      ['github:actions:secret', { name: 'OTHER', value: 'in clear' }],
      ['github:webhook', { webhookUrl: `${hookUrl}/other`, webhookSecret: 'in clear' }],
    ] as const) {
      await expect(run(id, input)).rejects.toMatchObject({ code: 'github_secret_in_clear', classification: 'fatal', remedy: expect.stringContaining('secrets.NAME') });
    }
    // Never read as the reference that it looks like.
    expect(handled.has('a-value-nobody-may-see')).toBe(false);
    expect((await api('GET', `${at}/actions/secrets`)).body).toMatchObject({ total_count: 1 });
    expect((await api('GET', `${at}/hooks`)).list).toHaveLength(1);
    await undo();
  });

  it('stays where the repository is archived, and is gone with a repository that is gone', async () => {
    const { run, undo, at } = await made();
    await run('github:webhook', { webhookUrl: hookUrl });
    await api('PATCH', at, { archived: true });
    expect(await undo()).toEqual([
      { outcome: 'kept', note: expect.stringContaining('is archived') },
      { outcome: 'kept', note: expect.stringContaining('archived before') },
    ]);
    const gone = await made();
    await gone.run('github:environment:create', { name: 'prod' });
    await api('DELETE', gone.at);
    expect(await gone.undo()).toEqual([{ outcome: 'absent' }, { outcome: 'absent' }]);
    await api('DELETE', at);
  });
});
