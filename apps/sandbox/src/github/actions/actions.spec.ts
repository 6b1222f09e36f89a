import { jest } from '@jest/globals';
import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose';
import sodium from 'libsodium-wrappers';
import { type GitHubUnderTest, startGitHub } from '../../testing/github-under-test.js';
import { until } from '../../testing/until.js';
import { PublishedImages } from '../published-images.js';

// Git and many requests, on a machine that may be busy.
jest.setTimeout(30_000);

let github: GitHubUnderTest;

beforeAll(async () => {
  await sodium.ready;
  github = await startGitHub();
});

afterEach(() => github.ctx.faults.set([]));

afterAll(() => github.stop());

const place = (repo: string) => ({ owner: github.owner, repo });
const base64 = (bytes: Uint8Array) => sodium.to_base64(bytes, sodium.base64_variants.ORIGINAL);

function seal(text: string, key: string): string {
  return base64(sodium.crypto_box_seal(text, sodium.from_base64(key, sodium.base64_variants.ORIGINAL)));
}

const CI = `name: ci
run-name: of no matter
on:
  push:
    branches: [main, 'release/**']
    paths-ignore: ['docs/**']
  workflow_dispatch:
    inputs:
      target: { type: choice, options: [staging, production], required: true }
jobs:
  test:
    runs-on: ubuntu-latest
    environment: production
    steps:
      - uses: actions/checkout@v5
      - run: make test
`;
const IMAGE = `name: image
on: { push: { tags: ['v*'] } }
permissions: { contents: read, packages: write }
jobs: { build: { runs-on: ubuntu-latest, steps: [{ run: make image }] } }
`;

async function pushed(name: string, files: Record<string, string>) {
  await github.create(name);
  const copy = await github.workingCopy(name);
  const sha = await copy.commit('First commit', files);
  await copy.git('push', '--quiet', 'origin', 'main');
  return { copy, sha };
}

async function runsOf(name: string) {
  return (await github.octokit.rest.actions.listWorkflowRunsForRepo(place(name))).data.workflow_runs;
}

describe('secrets and variables', () => {
  it('opens what libsodium sealed for it, and refuses what it cannot open', async () => {
    await github.create('sealed');
    const { actions } = github.octokit.rest;
    const at = place('sealed');
    const { key, key_id } = (await actions.getRepoPublicKey(at)).data;
    const sealed = { ...at, secret_name: 'db_password', key_id, encrypted_value: seal('hunter2', key) };
    expect((await actions.createOrUpdateRepoSecret(sealed)).status).toBe(201);
    expect((await actions.createOrUpdateRepoSecret(sealed)).status).toBe(204);
    expect((await actions.listRepoSecrets(at)).data).toMatchObject({ total_count: 1, secrets: [{ name: 'DB_PASSWORD' }] });
    const { publicKey } = sodium.crypto_box_keypair();
    const foreign = { ...sealed, encrypted_value: seal('hunter2', base64(publicKey)) };
    await expect(actions.createOrUpdateRepoSecret(foreign)).rejects.toMatchObject({ status: 422, message: expect.stringContaining('Improperly encrypted') });
    await expect(actions.createOrUpdateRepoSecret({ ...sealed, secret_name: 'GITHUB_X' })).rejects.toMatchObject({ status: 422 });
    await actions.deleteRepoSecret({ ...at, secret_name: 'DB_PASSWORD' });
    await expect(actions.getRepoSecret({ ...at, secret_name: 'DB_PASSWORD' })).rejects.toMatchObject({ status: 404 });
  });

  it('keeps those of an environment apart, and forgets them with the repository', async () => {
    await github.create('settings');
    const { actions, repos } = github.octokit.rest;
    const at = place('settings');
    const policy = { protected_branches: false, custom_branch_policies: true };
    const made = (await repos.createOrUpdateEnvironment({ ...at, environment_name: 'pre prod', wait_timer: 5, deployment_branch_policy: policy })).data;
    expect(made).toMatchObject({ name: 'pre prod', protection_rules: [{ type: 'wait_timer', wait_timer: 5 }, { type: 'branch_policy' }] });
    expect((await repos.getAllEnvironments(at)).data.total_count).toBe(1);
    await actions.createRepoVariable({ ...at, name: 'region', value: 'eu' });
    await expect(actions.createRepoVariable({ ...at, name: 'REGION', value: 'us' })).rejects.toMatchObject({ status: 409 });
    const inEnvironment = { ...at, environment_name: 'pre prod' };
    await actions.createEnvironmentVariable({ ...inEnvironment, name: 'REGION', value: 'us' });
    await actions.updateRepoVariable({ ...at, name: 'REGION', value: 'ap' });
    expect((await actions.getRepoVariable({ ...at, name: 'REGION' })).data.value).toBe('ap');
    expect((await actions.getEnvironmentVariable({ ...inEnvironment, name: 'REGION' })).data.value).toBe('us');
    const { key, key_id } = (await actions.getEnvironmentPublicKey(inEnvironment)).data;
    await actions.createOrUpdateEnvironmentSecret({ ...inEnvironment, secret_name: 'KEY', key_id, encrypted_value: seal('x', key) });
    expect((await actions.listEnvironmentSecrets(inEnvironment)).data.total_count).toBe(1);
    expect((await actions.listRepoSecrets(at)).data.total_count).toBe(0);
    await repos.deleteAnEnvironment(inEnvironment);
    await expect(actions.listEnvironmentVariables(inEnvironment)).rejects.toMatchObject({ status: 404 });
    await repos.delete(at);
    await github.create('settings');
    expect((await actions.listRepoVariables(at)).data.total_count).toBe(0);
  });
});

describe('workflow runs', () => {
  it('start with a push, go on with the clock, and tell the hooks of each step', async () => {
    const { copy, sha } = await pushed('ci', { '.github/workflows/ci.yml': CI, '.github/workflows/notes.txt': 'none' });
    const [queued] = await runsOf('ci');
    expect(queued).toMatchObject({ name: 'ci', event: 'push', head_sha: sha, head_branch: 'main', display_title: 'First commit' });
    github.ctx.clock.advance('PT5S');
    const [ended] = await until(() => runsOf('ci'), ([run]) => run?.status === 'completed');
    expect(ended).toMatchObject({ conclusion: 'success', run_attempt: 1, path: '.github/workflows/ci.yml' });
    const run_id = ended?.id ?? 0;
    const { jobs } = (await github.octokit.rest.actions.listJobsForWorkflowRun({ ...place('ci'), run_id })).data;
    expect(jobs).toMatchObject([{ name: 'test', conclusion: 'success', labels: ['ubuntu-latest'] }]);
    expect(jobs[0]?.steps?.map(({ name }) => name)).toEqual(['Set up job', 'Run actions/checkout@v5', 'Run make test', 'Complete job']);
    for (const step of ['requested', 'in_progress', 'completed']) await github.webhooks.next(`workflow_run.${step}`);
    for (const step of ['queued', 'in_progress', 'completed']) await github.webhooks.next(`workflow_job.${step}`);

    await copy.commit('Only docs', { 'docs/a.md': 'a' });
    await copy.git('push', '--quiet', 'origin', 'main', 'main:topic');
    expect(await runsOf('ci')).toHaveLength(1);
    await copy.commit('More', { 'a.txt': 'a' });
    await copy.git('push', '--quiet', 'origin', 'main:release/1');
    expect(await runsOf('ci')).toHaveLength(2);
  });

  it('are dispatched with a run id, cancelled and run again', async () => {
    await pushed('dispatched', { '.github/workflows/ci.yml': CI, '.github/workflows/image.yml': IMAGE });
    const { actions } = github.octokit.rest;
    const at = place('dispatched');
    const all = (await actions.listRepoWorkflows(at)).data.workflows.map(({ name, path }) => [name, path]);
    expect(all).toEqual([['ci', '.github/workflows/ci.yml'], ['image', '.github/workflows/image.yml']]);
    const dispatch = { ...at, workflow_id: 'ci.yml', ref: 'main', inputs: { target: 'staging' } };
    expect((await actions.createWorkflowDispatch(dispatch)).status).toBe(204);
    const answer = await github.octokit.request('POST /repos/{owner}/{repo}/actions/workflows/{workflow_id}/dispatches', { ...dispatch, return_run_details: true });
    const { workflow_run_id: run_id } = answer.data as unknown as { workflow_run_id: number };
        await actions.cancelWorkflowRun({ ...at, run_id });
    expect((await actions.getWorkflowRun({ ...at, run_id })).data.conclusion).toBe('cancelled');
    await expect(actions.cancelWorkflowRun({ ...at, run_id })).rejects.toMatchObject({ status: 409 });
    await actions.reRunWorkflow({ ...at, run_id });
    expect((await actions.getWorkflowRun({ ...at, run_id })).data).toMatchObject({ run_attempt: 2, event: 'workflow_dispatch' });
    await github.webhooks.next('workflow_dispatch');
    const refused = [
      [{ ...dispatch, workflow_id: 'image.yml' }, "Workflow does not have 'workflow_dispatch' trigger"],
      [{ ...dispatch, ref: 'nowhere' }, 'No ref found for: nowhere'],
      [{ ...dispatch, inputs: {} }, "Required input 'target' not provided"],
      [{ ...dispatch, inputs: { target: 'staging', colour: 'red' } }, 'Unexpected inputs provided: ["colour"]'],
    ] as const;
    for (const [asked, message] of refused) {
      await expect(actions.createWorkflowDispatch(asked)).rejects.toMatchObject({ status: 422, response: { data: { message } } });
    }
  });

  it('go on after a restart, and fail where the fault says so', async () => {
    await pushed('kept', { '.github/workflows/ci.yml': CI });
    github.fault({ fault: 'run-fails', match: { name: 'acme/kept' } });
    await github.restart();
    github.ctx.clock.advance('PT5S');
    const [run] = await until(() => runsOf('kept'), ([one]) => one?.status === 'completed');
    expect(run?.conclusion).toBe('failure');
  });

  it('for a tag publish an image, where a job of theirs may', async () => {
    const { copy, sha } = await pushed('imaged', { '.github/workflows/image.yml': IMAGE });
    await copy.git('tag', 'v1');
    await copy.git('push', '--quiet', 'origin', 'v1');
    const images = new PublishedImages(github.ctx.store);
    expect(images.find('ghcr.io/acme/imaged:v1')).toBeUndefined();
    github.ctx.clock.advance('PT5S');
    await until(() => runsOf('imaged'), ([run]) => run?.status === 'completed');
    const image = images.find('ghcr.io/acme/imaged:v1');
    expect(image).toMatchObject({ commit: sha, digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) });
    expect(images.find(`ghcr.io/acme/imaged@${image?.digest}`)).toEqual(image);
    expect(images.find('ghcr.io/acme/imaged')).toBeUndefined();
    const { packages } = github.octokit.rest;
    const which = { org: github.owner, package_type: 'container' as const, package_name: 'imaged' };
    expect((await packages.listPackagesForOrganization({ ...which })).data.map(({ name }) => name)).toContain('imaged');
    expect((await packages.getPackageForOrganization(which)).data).toMatchObject({ version_count: 1, visibility: 'private' });
    const versions = (await packages.getAllPackageVersionsForPackageOwnedByOrg(which)).data;
    expect(versions).toMatchObject([{ name: image?.digest, metadata: { container: { tags: ['v1'] } } }]);
    await github.webhooks.next('package.published');
    await github.webhooks.next('registry_package.published');
    await packages.deletePackageForOrg(which);
    await expect(packages.getPackageForOrganization(which)).rejects.toMatchObject({ status: 404 });
  });
});

describe('identity tokens of jobs', () => {
  async function tokenOf(name: string, query = ''): Promise<string> {
    const [run] = await runsOf(name);
    const { url, token } = github.credentials;
    const asked = `${url}/_services/token/repos/${github.owner}/${name}/runs/${run?.id}/idtoken${query}`;
    const answer = await fetch(asked, { headers: { authorization: `bearer ${token}` } });
    return ((await answer.json()) as { value: string }).value;
  }

  it('are signed with the published keys, and name the repository by ids that nobody else can get', async () => {
    const id = await github.create('trusted');
    const copy = await github.workingCopy('trusted');
    await copy.commit('First', { '.github/workflows/image.yml': IMAGE, '.github/workflows/ci.yml': CI });
    await copy.git('push', '--quiet', 'origin', 'main');
    const issuer = github.credentials.oidcIssuer;
    const found = (await (await fetch(`${issuer}/.well-known/openid-configuration`)).json()) as { issuer: string; jwks_uri: string };
    expect(found.issuer).toBe(issuer);
    const keys = createRemoteJWKSet(new URL(found.jwks_uri));
    const options = { issuer, audience: 'akeyless', currentDate: new Date(github.ctx.clock.now()) };
    const { payload } = await jwtVerify(await tokenOf('trusted', '?audience=akeyless'), keys, options);
    expect(payload).toMatchObject({
      sub: `repo:acme@90001/trusted@${id}:environment:production`,
      repository: 'acme/trusted', repository_id: String(id), repository_owner_id: '90001', environment: 'production',
      job_workflow_ref: 'acme/trusted/.github/workflows/ci.yml@refs/heads/main', event_name: 'push', ref: 'refs/heads/main',
    });
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(300);
    await github.restart();
    await jwtVerify(await tokenOf('trusted', '?audience=akeyless'), createRemoteJWKSet(new URL(found.jwks_uri)), options);
  });

  it('have the subject that was asked for', async () => {
    await pushed('named', { '.github/workflows/ci.yml': CI.replace('    environment: production\n', '') });
    const url = 'PUT /repos/{owner}/{repo}/actions/oidc/customization/sub';
    await github.octokit.request(url, { ...place('named'), use_default: true, use_immutable_subject: false });
    expect(decodeJwt(await tokenOf('named')).sub).toBe('repo:acme/named:ref:refs/heads/main');
    await github.octokit.request(url, { ...place('named'), use_default: false, include_claim_keys: ['repository_owner', 'event_name'] });
    expect(decodeJwt(await tokenOf('named'))).toMatchObject({ sub: 'repository_owner:acme:event_name:push', aud: `${github.credentials.url}/acme` });
    const { data } = await github.octokit.rest.actions.getCustomOidcSubClaimForRepo(place('named'));
    expect(data).toMatchObject({ use_default: false, include_claim_keys: ['repository_owner', 'event_name'] });
  });
});
