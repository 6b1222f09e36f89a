import { jest } from '@jest/globals';
import { type GitHubUnderTest, startGitHub } from '../testing/github-under-test.js';
import { receiveWebhooks } from '../testing/webhook-receiver.js';

// Git and many requests, on a machine that may be busy.
jest.setTimeout(30_000);

let github: GitHubUnderTest;
let globex: Awaited<ReturnType<typeof receiveWebhooks>>;

beforeAll(async () => {
  github = await startGitHub();
  globex = await receiveWebhooks();
  await github.octokit.rest.orgs.createWebhook({ org: 'globex', name: 'web', config: { url: globex.url, content_type: 'json' }, events: ['*'] });
});

afterAll(async () => {
  await globex.close();
  await github.stop();
});

it('moves a repository to another owner, under a redirect, and tells whom it came to', async () => {
  const id = await github.create('moving', { auto_init: true });
  const { repos } = github.octokit.rest;
  const { status, data } = await repos.transfer({ owner: 'acme', repo: 'moving', new_owner: 'globex', new_name: 'moved' });
  expect([status, data.full_name, data.owner.login]).toEqual([202, 'globex/moved', 'globex']);
  expect((await repos.get({ owner: 'acme', repo: 'moving' })).data).toMatchObject({ id, full_name: 'globex/moved', organization: { login: 'globex' } });
  expect(JSON.parse((await globex.next('repository.transferred')).body)).toMatchObject({
    repository: { id, full_name: 'globex/moved' },
    organization: { login: 'globex' },
    changes: { owner: { from: { organization: { login: 'acme' } } } },
  });

  await repos.transfer({ owner: 'globex', repo: 'moved', new_owner: 'acme', new_name: 'back' });
  expect(JSON.parse((await github.webhooks.next('repository.transferred')).body)).toMatchObject({ repository: { id, full_name: 'acme/back' } });
  expect((await repos.listForOrg({ org: 'acme' })).data.map(({ name }) => name)).toContain('back');
});

it('takes the hooks of the repository along', async () => {
  await github.create('hooked', { auto_init: true });
  const own = await receiveWebhooks();
  const { repos } = github.octokit.rest;
  await repos.createWebhook({ owner: 'acme', repo: 'hooked', name: 'web', config: { url: own.url, content_type: 'json' }, events: ['*'] });
  await repos.transfer({ owner: 'acme', repo: 'hooked', new_owner: 'globex' });
  await own.next('repository.transferred');
  expect((await repos.listWebhooks({ owner: 'globex', repo: 'hooked' })).data).toHaveLength(1);
  await own.close();
});

it.each([
  ['an owner that is none', { new_owner: 'nobody' }],
  ['a name that is taken there', { new_owner: 'acme' }],
])('refuses %s', async (_what, asked) => {
  await github.create(`kept-${asked.new_owner}`, { auto_init: true });
  await expect(github.octokit.rest.repos.transfer({ owner: 'acme', repo: `kept-${asked.new_owner}`, ...asked })).rejects.toMatchObject({ status: 422 });
});
