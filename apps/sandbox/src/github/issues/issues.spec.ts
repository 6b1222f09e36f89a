import { jest } from '@jest/globals';
import { type GitHubUnderTest, startGitHub } from '../../testing/github-under-test.js';

// Git and many requests, on a machine that may be busy.
jest.setTimeout(30_000);

let github: GitHubUnderTest;

beforeAll(async () => (github = await startGitHub()));

afterAll(() => github.stop());

async function created(name: string, options?: object): Promise<{ owner: string; repo: string }> {
  await github.create(name, options);
  return { owner: github.owner, repo: name };
}

it('opens, labels, closes and opens an issue again', async () => {
  const place = await created('issues');
  const { issues } = github.octokit.rest;
  const { data: issue } = await issues.create({ ...place, title: 'Broken', body: 'All of it', labels: ['BUG', 'urgent'], assignees: ['slipway-bot'] });
  expect(issue).toMatchObject({ number: 1, state: 'open', body: 'All of it', labels: [{ name: 'bug', default: true }, { name: 'urgent', default: false }] });
  expect(issue.assignees).toMatchObject([{ login: 'slipway-bot' }]);
  const one = { ...place, issue_number: issue.number };
  await issues.addLabels({ ...one, labels: ['urgent', 'question'] });
  await issues.removeLabel({ ...one, name: 'Bug' });
  expect((await issues.listLabelsOnIssue(one)).data.map(({ name }) => name)).toEqual(['urgent', 'question']);
  expect((await issues.update({ ...one, state: 'closed', state_reason: 'not_planned' })).data).toMatchObject({ state: 'closed', state_reason: 'not_planned' });
  expect((await issues.listForRepo(place)).data).toEqual([]);
  expect((await issues.update({ ...one, state: 'open' })).data).toMatchObject({ state_reason: 'reopened', closed_at: null });
  expect((await issues.listForRepo({ ...place, labels: 'urgent' })).data).toHaveLength(1);
  await github.restart();
  expect((await issues.get(one)).data.title).toBe('Broken');
});

it('counts pull requests as issues, and labels them as such', async () => {
  const place = await created('pulls-too');
  const copy = await github.workingCopy('pulls-too');
  await copy.commit('First', { 'a.txt': '1' });
  await copy.git('push', '--quiet', 'origin', 'main', 'main:refs/heads/next');
  await copy.commit('Second', { 'a.txt': '2' });
  await copy.git('push', '--quiet', 'origin', 'main:refs/heads/next');
  const { issues, pulls } = github.octokit.rest;
  await issues.create({ ...place, title: 'First of all' });
  const { data: pull } = await pulls.create({ ...place, title: 'Next', head: 'next', base: 'main' });
  expect(pull.number).toBe(2);
  await issues.addLabels({ ...place, issue_number: 2, labels: ['enhancement'] });
  expect((await pulls.get({ ...place, pull_number: 2 })).data.labels).toMatchObject([{ name: 'enhancement' }]);
  expect((await issues.listForRepo(place)).data.map(({ number, pull_request: of }) => [number, of !== undefined])).toEqual([[2, true], [1, false]]);
  await issues.update({ ...place, issue_number: 2, state: 'closed' });
  expect((await pulls.get({ ...place, pull_number: 2 })).data.state).toBe('closed');
});

it('has the labels of a new repository, and takes a deleted one off its issues', async () => {
  const place = await created('labels');
  const { issues } = github.octokit.rest;
  expect((await issues.listLabelsForRepo(place)).data).toHaveLength(9);
  await issues.createLabel({ ...place, name: 'team a', color: '112233' });
  await expect(issues.createLabel({ ...place, name: 'Team A' })).rejects.toMatchObject({ status: 422 });
  await issues.create({ ...place, title: 'One', labels: ['team a'] });
  await issues.deleteLabel({ ...place, name: 'team a' });
  await expect(issues.getLabel({ ...place, name: 'team a' })).rejects.toMatchObject({ status: 404 });
  expect((await issues.get({ ...place, issue_number: 1 })).data.labels).toEqual([]);
  await expect(issues.removeLabel({ ...place, issue_number: 1, name: 'bug' })).rejects.toMatchObject({ status: 404 });
});

it.each([
  ['no title', { title: ' ' }, 422],
  ['a title that is too long', { title: 'x'.repeat(257) }, 422],
  ['a body that is too long', { title: 'x', body: 'x'.repeat(65_537) }, 422],
  ['an assignee who is nobody here', { title: 'x', assignees: ['nobody'] }, 422],
  ['a milestone that is not there', { title: 'x', milestone: 1 }, 422],
])('refuses %s', async (_what, asked, status) => {
  const place = { owner: github.owner, repo: 'refused' };
  await github.create('refused').catch(() => undefined);
  await expect(github.octokit.rest.issues.create({ ...place, ...asked })).rejects.toMatchObject({ status });
  expect((await github.octokit.rest.issues.listForRepo({ ...place, state: 'all' })).data).toEqual([]);
});

it('has none where they are turned off, and changes none in an archive', async () => {
  const off = await created('no-issues', { has_issues: false });
  await expect(github.octokit.rest.issues.create({ ...off, title: 'x' })).rejects.toMatchObject({ status: 410 });
  const archived = await created('archived-issues');
  await github.octokit.rest.repos.update({ ...archived, archived: true });
  await expect(github.octokit.rest.issues.create({ ...archived, title: 'x' })).rejects.toMatchObject({ status: 403 });
});
