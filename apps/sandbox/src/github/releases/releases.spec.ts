import { jest } from '@jest/globals';
import { type GitHubUnderTest, startGitHub } from '../../testing/github-under-test.js';

// Git and many requests, on a machine that may be busy.
jest.setTimeout(30_000);

let github: GitHubUnderTest;

beforeAll(async () => (github = await startGitHub()));

afterAll(() => github.stop());

async function pushed(name: string): Promise<{ owner: string; repo: string }> {
  await github.create(name);
  const copy = await github.workingCopy(name);
  await copy.commit('First commit', { 'README.md': 'Hello\n' });
  await copy.git('push', '--quiet', 'origin', 'main');
  return { owner: github.owner, repo: name };
}

it('publishes a release with its tag, and tells of it as GitHub does', async () => {
  const place = await pushed('released');
  const { repos, git } = github.octokit.rest;
  await expect(repos.getLatestRelease(place)).rejects.toMatchObject({ status: 404 });
  const { data: first } = await repos.createRelease({ ...place, tag_name: 'v1', name: 'One' });
  expect(first).toMatchObject({ tag_name: 'v1', name: 'One', draft: false, target_commitish: 'main' });
  expect((await git.getRef({ ...place, ref: 'tags/v1' })).data.object.type).toBe('commit');
  for (const action of ['created', 'published', 'released']) await github.webhooks.next(`release.${action}`);
});

it('takes neither a draft nor a prerelease for the latest', async () => {
  const place = await pushed('latest');
  const { repos } = github.octokit.rest;
  const { data: first } = await repos.createRelease({ ...place, tag_name: 'v1' });
  await repos.createRelease({ ...place, tag_name: 'v2', draft: true });
  await repos.createRelease({ ...place, tag_name: 'v3-rc', prerelease: true });
  expect((await repos.getLatestRelease(place)).data.id).toBe(first.id);
  expect((await repos.listReleases(place)).data.map(({ tag_name: tag }) => tag)).toEqual(['v3-rc', 'v2', 'v1']);
  await repos.deleteRelease({ ...place, release_id: first.id });
  await github.webhooks.next('release.deleted');
  await expect(repos.getRelease({ ...place, release_id: first.id })).rejects.toMatchObject({ status: 404 });
  await expect(repos.getLatestRelease(place)).rejects.toMatchObject({ status: 404 });
});

it.each([
  ['a tag that has one already', { tag_name: 'v1' }],
  ['a target that is not there', { tag_name: 'v9', target_commitish: 'nowhere' }],
])('refuses %s', async (_what, asked) => {
  const place = await pushed(`refused-${asked.tag_name}`);
  if (asked.tag_name === 'v1') await github.octokit.rest.repos.createRelease({ ...place, ...asked });
  await expect(github.octokit.rest.repos.createRelease({ ...place, ...asked })).rejects.toMatchObject({ status: 422 });
});
