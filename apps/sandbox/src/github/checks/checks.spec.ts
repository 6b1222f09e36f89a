import { jest } from '@jest/globals';
import type { Octokit } from 'octokit';
import { connectApp } from '../../testing/github-description.js';
import { type GitHubUnderTest, startGitHub } from '../../testing/github-under-test.js';
import { until } from '../../testing/until.js';

// Git and many requests, on a machine that may be busy.
jest.setTimeout(30_000);

let github: GitHubUnderTest;
let app: Octokit;

beforeAll(async () => {
  github = await startGitHub();
  app = await connectApp(github.credentials);
});

afterAll(() => github.stop());

async function pushed(name: string, files: Record<string, string> = { 'README.md': 'Hello\n' }) {
  await github.create(name);
  const copy = await github.workingCopy(name);
  await copy.commit('First commit', files);
  await copy.git('push', '--quiet', 'origin', 'main');
  const place = { owner: github.owner, repo: name };
  return { place, sha: (await github.octokit.rest.git.getRef({ ...place, ref: 'heads/main' })).data.object.sha };
}

/** What was told of the checks of this repository, in order, as `event.action name-or-conclusion`. */
async function toldOf(repository: string, count: number): Promise<string[]> {
  const told = () =>
    github.webhooks.received.flatMap(({ headers, body }) => {
      const payload = JSON.parse(body) as Payload;
      const { check_run: run, check_suite: suite } = payload;
      if (payload.repository?.name !== repository || !(run ?? suite)) return [];
      return [`${String(headers['x-github-event'])}.${payload.action} ${run?.name ?? suite?.conclusion} by ${(run ?? suite)?.app.slug}`];
    });
  return until(async () => told(), (found) => found.length >= count);
}

interface Payload {
  action: string;
  repository?: { name: string };
  check_run?: { name: string; app: { slug: string } };
  check_suite?: { conclusion: string | null; app: { slug: string } };
}

it('are made and ended by an app, and their suite ends with the last of them', async () => {
  const { place, sha } = await pushed('checked');
  const { checks } = app.rest;
  const { data: lint } = await checks.create({ ...place, name: 'lint', head_sha: sha, status: 'in_progress' });
  expect(lint).toMatchObject({ name: 'lint', status: 'in_progress', conclusion: null, app: { slug: 'slipway' } });
  const { data: scan } = await checks.create({ ...place, name: 'scan', head_sha: sha });
  expect(scan.check_suite).toEqual(lint.check_suite);
  await checks.update({ ...place, check_run_id: lint.id, conclusion: 'success' });
  await checks.update({ ...place, check_run_id: scan.id, conclusion: 'failure', output: { title: 'Two findings', summary: 'See there.' } });
  expect((await checks.get({ ...place, check_run_id: scan.id })).data).toMatchObject({ status: 'completed', conclusion: 'failure', output: { title: 'Two findings' } });
  expect((await toldOf('checked', 5)).toSorted()).toEqual([
    'check_run.completed lint by slipway',
    'check_run.completed scan by slipway',
    'check_run.created lint by slipway',
    'check_run.created scan by slipway',
    'check_suite.completed failure by slipway',
  ]);
  await checks.create({ ...place, name: 'scan', head_sha: sha, conclusion: 'success' });
  expect((await toldOf('checked', 8)).at(-1)).toBe('check_suite.completed success by slipway');
});

it('are made by apps alone, and of commits that are there', async () => {
  const { place, sha } = await pushed('guarded');
  await expect(github.octokit.rest.checks.create({ ...place, name: 'mine', head_sha: sha })).rejects.toMatchObject({ status: 403 });
  await expect(app.rest.checks.create({ ...place, name: 'none', head_sha: 'f'.repeat(40) })).rejects.toMatchObject({ status: 422 });
});

it('are told of the jobs of a workflow run, too', async () => {
  const workflow = 'on: push\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps: [{ run: "true" }]\n';
  await pushed('built', { '.github/workflows/ci.yml': workflow });
  expect((await toldOf('built', 3)).toSorted()).toEqual([
    'check_run.completed test by github-actions',
    'check_run.created test by github-actions',
    'check_suite.completed success by github-actions',
  ]);
});
