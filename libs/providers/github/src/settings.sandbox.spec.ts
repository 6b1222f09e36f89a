import { generateKeyPairSync } from 'node:crypto';
import { exerciseStep } from '@slipway/engine/testing';
import { describeWithMark } from './mark.js';
import { githubForSuite } from './testing/github-scene.js';
import { withinRepository } from './testing/within-repository.js';

const suite = githubForSuite();
const { scene, api, sandbox } = suite;
const removalCannotTell = 'it has no place for a mark: the ledger alone tells whose it is';
const link = { keyPrefix: 'SHOP-', urlTemplate: 'https://tickets.example.com/<num>' };

exerciseStep(
  'github:branch-protection:create',
  async () => {
    const { at, ...rest } = await withinRepository(suite, 'github:branch-protection:create', { requiredStatusCheckContexts: ['build'] }, { pushed: true });
    const look = () => api('GET', `${at}/branches/main/protection`);
    return {
      ...rest,
      makes: ['github:branch-protection'],
      count: async () => ((await look()).status === 200 ? 1 : 0),
      foreign: {
        make: async () => void (await api('PUT', `${at}/branches/main/protection`, bare)),
        look,
        code: 'github_thing_foreign',
      },
    };
  },
  { removalCannotTell },
);

exerciseStep(
  'github:deployKey:create',
  async () => {
    const publicKey = newPublicKey();
    const input = { publicKey, privateKeyFrom: 'env:VALUE', deployKeyName: 'ci' };
    const { at, ...rest } = await withinRepository(suite, 'github:deployKey:create', input);
    const keys = async () => (await api('GET', `${at}/keys`)).list;
    return {
      ...rest,
      makes: ['github:deploy-key', 'github:actions-secret'],
      count: async () => (await keys()).length,
      foreign: {
        make: async () => void (await api('POST', `${at}/keys`, { title: 'ci', key: newPublicKey() })),
        look: keys,
        code: 'github_thing_foreign',
      },
    };
  },
  { removalCannotTell },
);

exerciseStep(
  'github:autolinks:create',
  async () => {
    const { at, ...rest } = await withinRepository(suite, 'github:autolinks:create', link);
    const links = async () => (await api('GET', `${at}/autolinks`)).list;
    return {
      ...rest,
      makes: ['github:autolink'],
      count: async () => (await links()).length,
      foreign: {
        make: async () => void (await api('POST', `${at}/autolinks`, { key_prefix: 'SHOP-', url_template: 'https://mine.example.com/<num>' })),
        look: links,
        code: 'github_thing_foreign',
      },
    };
  },
  { removalCannotTell },
);

exerciseStep(
  'github:pages:enable',
  async () => {
    const { at, ...rest } = await withinRepository(suite, 'github:pages:enable', { buildType: 'legacy', sourcePath: '/docs' }, { pushed: true });
    const look = () => api('GET', `${at}/pages`);
    return {
      ...rest,
      makes: ['github:pages'],
      count: async () => ((await look()).status === 200 ? 1 : 0),
      foreign: { make: async () => void (await api('POST', `${at}/pages`, { build_type: 'workflow' })), look, code: 'github_thing_foreign' },
    };
  },
  { removalCannotTell },
);

const bare = { required_status_checks: null, enforce_admins: null, required_pull_request_reviews: null, restrictions: null };

/** In OpenSSH's format: the length and text of the kind, then those of the key. */
function newPublicKey(): string {
  const raw = generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'der' }).subarray(-32);
  const field = (bytes: Buffer) => Buffer.concat([Buffer.from([0, 0, 0, bytes.length]), bytes]);
  return `ssh-ed25519 ${Buffer.concat([field(Buffer.from('ssh-ed25519')), field(raw)]).toString('base64')}`;
}

describe('the settings of a repository', () => {
  async function made() {
    const { name, fullName, step, rig: newRig } = await scene();
    const rig = newRig();
    const at = `/repos/${fullName}`;
    await api('POST', `/orgs/${sandbox.github.org}/repos`, { name, description: describeWithMark('A shop', rig.mark), auto_init: true });
    const run = (id: string, input: object) => rig.run(step(id), { repository: fullName, ...input });
    return { rig, at, run, close: () => api('DELETE', at) };
  }

  it('protects as Backstage does unless told otherwise', async () => {
    const { rig, at, run, close } = await made();
    expect(await run('github:branch-protection:create', {})).toEqual({ branch: 'main' });
    expect((await api('GET', `${at}/branches/main/protection`)).body).toMatchObject({
      enforce_admins: { enabled: true },
      required_pull_request_reviews: { required_approving_review_count: 1, require_code_owner_reviews: false, dismiss_stale_reviews: false },
      required_status_checks: { strict: true, contexts: [] },
      required_signatures: { enabled: false },
    });
    const strict = {
      ...{ branch: 'main', enforceAdmins: false, requiredApprovingReviewCount: 2, requireCodeOwnerReviews: true, dismissStaleReviews: true },
      ...{ restrictions: { users: ['slipway-bot'], teams: [] }, bypassPullRequestAllowances: { users: ['slipway-bot'] } },
      ...{ requiredStatusCheckContexts: ['build'], requireBranchesToBeUpToDate: false, requiredConversationResolution: true },
      ...{ requireLastPushApproval: true, requiredCommitSigning: true, requiredLinearHistory: true, blockCreations: true },
    };
    await run('github:branch-protection:create', strict);
    expect((await api('GET', `${at}/branches/main/protection`)).body).toMatchObject({
      enforce_admins: { enabled: false },
      required_pull_request_reviews: {
        ...{ required_approving_review_count: 2, require_code_owner_reviews: true, dismiss_stale_reviews: true, require_last_push_approval: true },
        bypass_pull_request_allowances: { users: [{ login: 'slipway-bot' }] },
      },
      restrictions: { users: [{ login: 'slipway-bot' }] },
      required_status_checks: { strict: false, contexts: ['build'] },
      ...{ required_signatures: { enabled: true }, required_linear_history: { enabled: true }, block_creations: { enabled: true } },
      required_conversation_resolution: { enabled: true },
    });
    expect(await rig.undo()).toEqual([{ outcome: 'removed' }]);
    await expect(run('github:branch-protection:create', { branch: 'nowhere' })).rejects.toMatchObject({ code: 'github_no_such_branch', remedy: expect.stringContaining('Push') });
    await close();
  });

  it('follows a change of what cannot be changed by making it anew', async () => {
    const { at, run, close } = await made();
    const [first, second] = [newPublicKey(), newPublicKey()];
    const key = { deployKeyName: 'my key', privateKeyFrom: 'env:VALUE' };
    expect(await run('github:deployKey:create', { ...key, publicKey: `${first} ada@example.com` })).toEqual({ privateKeySecretName: 'MY_KEY_PRIVATE_KEY' });
    await run('github:deployKey:create', { ...key, publicKey: second, readOnly: true });
    expect((await api('GET', `${at}/keys`)).list).toMatchObject([{ title: 'my key', key: second, read_only: true }]);
    expect((await api('GET', `${at}/actions/secrets`)).body).toMatchObject({ secrets: [{ name: 'MY_KEY_PRIVATE_KEY' }] });
    await run('github:autolinks:create', link);
    await run('github:autolinks:create', { ...link, isAlphanumeric: false });
    expect((await api('GET', `${at}/autolinks`)).list).toMatchObject([{ key_prefix: 'SHOP-', is_alphanumeric: false }]);
    await run('github:pages:enable', {});
    expect((await api('GET', `${at}/pages`)).body).toMatchObject({ build_type: 'workflow', source: { branch: 'main', path: '/' } });
    await run('github:pages:enable', { buildType: 'legacy', sourcePath: '/docs' });
    expect((await api('GET', `${at}/pages`)).body).toMatchObject({ build_type: 'legacy', source: { path: '/docs' } });
    await close();
  });

  it('takes no private key that was written in clear, and makes nothing then', async () => {
    const { at, rig, run, close } = await made();
    const key = { publicKey: newPublicKey(), privateKey: 'in clear', deployKeyName: 'ci', privateKeySecretName: 'DEPLOY' };
    await expect(run('github:deployKey:create', key)).rejects.toMatchObject({ code: 'github_secret_in_clear', remedy: expect.stringContaining('privateKeyFrom') });
    expect((await api('GET', `${at}/keys`)).list).toEqual([]);
    rig.values.add('in clear');
    expect(await run('github:deployKey:create', key)).toEqual({ privateKeySecretName: 'DEPLOY' });
    expect(await rig.undo()).toEqual([{ outcome: 'removed' }, { outcome: 'removed' }]);
    await close();
  });

  it('are not changed in a repository of somebody else', async () => {
    const { name, fullName, step, rig } = await scene();
    await api('POST', `/orgs/${sandbox.github.org}/repos`, { name, auto_init: true });
    const inputs: [string, object][] = [
      ['github:branch-protection:create', {}],
      ['github:deployKey:create', { publicKey: newPublicKey(), privateKeyFrom: 'env:VALUE', deployKeyName: 'ci' }],
      ['github:autolinks:create', link],
      ['github:pages:enable', {}],
    ];
    for (const [id, input] of inputs) {
      await expect(rig().run(step(id), { repository: fullName, ...input })).rejects.toMatchObject({ code: 'github_repository_foreign', remedy: expect.any(String) });
    }
    await api('DELETE', `/repos/${fullName}`);
  });
});
