import { jest } from '@jest/globals';
import { App, Octokit } from 'octokit';
import { connectOctokit } from '../../testing/github-description.js';
import { GitClient } from '../../testing/git-client.js';
import { type GitHubUnderTest, startGitHub } from '../../testing/github-under-test.js';
import type { ProtectionRules } from './branch-protections.js';

// Git and many requests, on a machine that may be busy.
jest.setTimeout(30_000);

let github: GitHubUnderTest;

beforeAll(async () => (github = await startGitHub()));

afterAll(() => github.stop());

const reviewed: ProtectionRules = {
  required_status_checks: null,
  enforce_admins: true,
  required_pull_request_reviews: { required_approving_review_count: 1 },
  restrictions: null,
};

async function pushed(name: string) {
  await github.create(name);
  const copy = await github.workingCopy(name);
  await copy.commit('First', { 'a.txt': '1' });
  await copy.git('push', '--quiet', 'origin', 'main');
  const repository = { owner: github.owner, repo: name };
  return { repository, place: { ...repository, branch: 'main' }, copy };
}

it('keeps what protects a branch, until it is taken away', async () => {
  const { place } = await pushed('kept');
  const { repos } = github.octokit.rest;
  await expect(repos.getBranchProtection(place)).rejects.toMatchObject({ status: 404, message: expect.stringContaining('Branch not protected') });
  await expect(repos.getBranchProtection({ ...place, branch: 'nowhere' })).rejects.toMatchObject({ status: 404, message: expect.stringContaining('Branch not found') });
  const rules = {
    ...reviewed,
    required_status_checks: { strict: true, contexts: ['build'] },
    restrictions: { users: ['slipway-bot'], teams: [] },
    required_linear_history: true,
  };
  await repos.updateBranchProtection({ ...place, ...rules });
  await repos.createCommitSignatureProtection(place);
  expect((await repos.getBranchProtection(place)).data).toMatchObject({
    required_status_checks: { strict: true, contexts: ['build'] },
    required_pull_request_reviews: { required_approving_review_count: 1, dismiss_stale_reviews: false },
    restrictions: { users: [{ login: 'slipway-bot' }] },
    enforce_admins: { enabled: true },
    required_signatures: { enabled: true },
    required_linear_history: { enabled: true },
    allow_force_pushes: { enabled: false },
  });
  expect((await repos.getBranch(place)).data).toMatchObject({ protected: true, protection: { enabled: true } });
  await repos.deleteCommitSignatureProtection(place);
  await repos.deleteBranchProtection(place);
  expect((await repos.listBranches(place)).data).toMatchObject([{ name: 'main', protected: false }]);
  await expect(repos.deleteBranchProtection(place)).rejects.toMatchObject({ status: 404 });
  await expect(repos.updateBranchProtection({ ...place, ...reviewed, required_pull_request_reviews: { required_approving_review_count: 7 } })).rejects.toMatchObject({ status: 422 });
});

it('lets nobody past a review, by git or over REST', async () => {
  const { repository, place, copy } = await pushed('reviewed');
  const { repos, git, pulls } = github.octokit.rest;
  await copy.commit('Second', { 'a.txt': '2' });
  await copy.git('push', '--quiet', 'origin', 'main:refs/heads/next');
  await repos.updateBranchProtection({ ...place, ...reviewed });
  await expect(copy.git('push', '--quiet', 'origin', 'main')).rejects.toThrow(/GH006: Protected branch update failed for refs\/heads\/main/);
  const sha = (await git.getRef({ ...repository, ref: 'heads/next' })).data.object.sha;
  const refusal = { status: 422, message: expect.stringContaining('Changes must be made through a pull request.') };
  await expect(git.updateRef({ ...repository, ref: 'heads/main', sha })).rejects.toMatchObject(refusal);
  const file = { ...repository, path: 'b.txt', message: 'B', content: 'Yg==' };
  await expect(repos.createOrUpdateFileContents(file)).rejects.toMatchObject({ status: 409 });
  await repos.createOrUpdateFileContents({ ...file, branch: 'next' });
  const { data: pull } = await pulls.create({ ...repository, title: 'Next', head: 'next', base: 'main' });
  await expect(pulls.merge({ ...repository, pull_number: pull.number })).rejects.toMatchObject({ status: 405, message: expect.stringContaining('At least 1 approving review is required') });
  await repos.updateBranchProtection({ ...place, ...reviewed, enforce_admins: false });
  await pulls.merge({ ...repository, pull_number: pull.number });
});

it('is neither rewritten nor deleted unless that is allowed, not even by who administers it', async () => {
  const { place, copy } = await pushed('rewritten');
  const { repos } = github.octokit.rest;
  await copy.commit('Second', { 'a.txt': '2' });
  await copy.git('push', '--quiet', 'origin', 'main', 'main:refs/heads/keep');
  const open: ProtectionRules = { ...reviewed, enforce_admins: false, required_pull_request_reviews: null };
  for (const branch of ['main', 'keep']) await repos.updateBranchProtection({ ...place, branch, ...open });
  await copy.git('reset', '--hard', '--quiet', 'HEAD~1');
  await expect(copy.git('push', '--quiet', '--force', 'origin', 'main')).rejects.toThrow('Cannot force-push');
  await expect(copy.git('push', '--quiet', 'origin', ':refs/heads/keep')).rejects.toThrow('Cannot delete');
  for (const branch of ['main', 'keep']) await repos.updateBranchProtection({ ...place, branch, ...open, allow_force_pushes: true, allow_deletions: true });
  await copy.git('push', '--quiet', '--force', 'origin', 'main');
  await copy.git('push', '--quiet', 'origin', ':refs/heads/keep');
});

it('is for an App to administer that may, and stops it like anybody', async () => {
  const { place, copy } = await pushed('by-app');
  const narrow = connectOctokit(github.credentials, await issueToken({ contents: 'write' }));
  await expect(narrow.rest.repos.updateBranchProtection({ ...place, ...reviewed })).rejects.toMatchObject({ status: 403 });
  const token = await issueToken({ administration: 'write', contents: 'write' });
  const app = connectOctokit(github.credentials, token);
  await app.rest.repos.updateBranchProtection({ ...place, ...reviewed, enforce_admins: false });
  await copy.commit('Second', { 'a.txt': '2' });
  const asApp = new GitClient(copy.folder, token);
  await expect(asApp.git('push', '--quiet', 'origin', 'main')).rejects.toThrow('Changes must be made through a pull request.');
  const bypass = { users: [], teams: [], apps: ['slipway'] };
  await app.rest.repos.updateBranchProtection({ ...place, ...reviewed, required_pull_request_reviews: { bypass_pull_request_allowances: bypass } });
  await asApp.git('push', '--quiet', 'origin', 'main');
});

async function issueToken(permissions: Record<string, 'write'>): Promise<string> {
  const { app, url } = github.credentials;
  const client = new App({ appId: app.clientId, privateKey: app.privateKey, Octokit: Octokit.defaults({ baseUrl: `${url}/api/v3` }) });
  const { data } = await client.octokit.request('POST /app/installations/{installation_id}/access_tokens', { installation_id: app.installationId, permissions });
  return data.token;
}
