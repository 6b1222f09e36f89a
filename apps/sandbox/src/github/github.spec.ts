import { createHmac } from 'node:crypto';
import type { Octokit } from 'octokit';
import { GitClient } from '../testing/git-client.js';
import { connectOctokit } from '../testing/github-description.js';
import { SandboxProcess } from '../testing/sandbox-process.js';
import { until } from '../testing/until.js';
import { receiveWebhooks } from '../testing/webhook-receiver.js';

let sandbox: SandboxProcess;
let octokit: Octokit;
let owner: string;

beforeAll(async () => {
  sandbox = await SandboxProcess.start();
  octokit = connectOctokit(sandbox.connection.github);
  owner = sandbox.connection.github.org;
}, 90_000);

afterAll(() => sandbox.remove());

async function createRepository(name: string, options: object = {}) {
  return (await octokit.rest.repos.createInOrg({ org: owner, name, private: true, ...options })).data;
}

describe('repositories', () => {
  it('creates, reads, changes and deletes one', async () => {
    const definition = { org: owner, custom_property_name: 'team', value_type: 'string' as const };
    await octokit.rest.orgs.customPropertiesForReposCreateOrUpdateOrganizationDefinition(definition);
    const created = await createRepository('shop', { description: 'A shop', custom_properties: { team: 'blue' } });
    const expected = { full_name: `${owner}/shop`, private: true, default_branch: 'main', custom_properties: { team: 'blue' } };
    expect(created).toMatchObject(expected);
    expect((await octokit.rest.repos.get({ owner, repo: 'SHOP' })).data.id).toBe(created.id);
    const changed = await octokit.rest.repos.update({ owner, repo: 'shop', description: 'The shop', has_wiki: false });
    expect(changed.data).toMatchObject({ description: 'The shop', has_wiki: false, has_issues: true });
    await octokit.rest.repos.replaceAllTopics({ owner, repo: 'shop', names: ['flask'] });
    expect((await octokit.rest.repos.getAllTopics({ owner, repo: 'shop' })).data.names).toEqual(['flask']);
    expect((await octokit.rest.repos.delete({ owner, repo: 'shop' })).status).toBe(204);
    await expect(octokit.rest.repos.get({ owner, repo: 'shop' })).rejects.toMatchObject({ status: 404 });
  });

  it('reads what curl sends without being told that it is JSON', async () => {
    const { url, token } = sandbox.connection.github;
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/x-www-form-urlencoded' };
    const answer = await fetch(`${url}/orgs/${owner}/repos`, { method: 'POST', headers, body: '{"name":"by-hand"}' });
    expect([answer.status, await answer.json()]).toMatchObject([201, { full_name: `${owner}/by-hand` }]);
    const broken = await fetch(`${url}/orgs/${owner}/repos`, { method: 'POST', headers, body: 'name=by-hand' });
    expect([broken.status, await broken.json()]).toMatchObject([400, { message: 'Problems parsing JSON' }]);
  });

  it('refuses a name that is taken, in the words of GitHub', async () => {
    await createRepository('taken');
    await expect(createRepository('taken')).rejects.toMatchObject({
      status: 422,
      response: {
        data: {
          message: 'Repository creation failed.',
          errors: [{ resource: 'Repository', code: 'custom', field: 'name', message: 'name already exists on this account' }],
        },
      },
    });
  });

  it('answers 409 for the git data of an empty repository', async () => {
    await createRepository('empty');
    const ref = octokit.rest.git.getRef({ owner, repo: 'empty', ref: 'heads/main' });
    await expect(ref).rejects.toMatchObject({ status: 409, response: { data: { message: 'Git Repository is empty.' } } });
  });

  it('pages through lists', async () => {
    for (const name of ['page-1', 'page-2', 'page-3']) await createRepository(name);
    const names = (await octokit.paginate(octokit.rest.repos.listForOrg, { org: owner, per_page: 1 })).map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['page-1', 'page-2', 'page-3']));
  });

  it('leads from an old name to the new one', async () => {
    const { id } = await createRepository('before');
    await octokit.rest.repos.update({ owner, repo: 'before', name: 'after' });
    expect((await octokit.rest.repos.get({ owner, repo: 'before' })).data).toMatchObject({ id, name: 'after' });
  });

  it('makes an archived repository read-only', async () => {
    await createRepository('old');
    await octokit.rest.repos.update({ owner, repo: 'old', archived: true });
    const change = octokit.rest.repos.update({ owner, repo: 'old', description: 'new' });
    const message = 'Repository was archived so is read-only.';
    await expect(change).rejects.toMatchObject({ status: 403, response: { data: { message } } });
    const { token } = sandbox.connection.github;
    const work = await GitClient.init(sandbox.home, token);
    await work.commit('first', { 'README.md': 'hello\n' });
    await expect(work.git('push', cloneUrl('old'), 'main')).rejects.toThrow('403');
  });
});

describe('authentication', () => {
  it('refuses a wrong token over REST and over git', async () => {
    const { url } = sandbox.connection.github;
    const response = await fetch(`${url}/user`, { headers: { authorization: 'token wrong' } });
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ message: 'Bad credentials' });
    const anonymous = new GitClient(sandbox.home, undefined);
    await createRepository('hidden');
    await expect(anonymous.git('ls-remote', cloneUrl('hidden'))).rejects.toThrow(/could not read Username|Authentication failed/);
  });

  it('names what it does not implement', async () => {
    const { url, token } = sandbox.connection.github;
    const response = await fetch(`${url}/api/v3/gists`, { headers: { authorization: `token ${token}` } });
    expect(response.status).toBe(501);
    expect(await response.json()).toMatchObject({ message: expect.stringContaining('GET /api/v3/gists') });
  });
});

describe('git', () => {
  it('takes a push, shows it over REST, gives it back, and tells the hooks with a valid signature', async () => {
    const receiver = await receiveWebhooks();
    const secret = 'not-a-real-secret';
    const config = { url: receiver.url, content_type: 'json', secret };
    const hook = (await octokit.rest.orgs.createWebhook({ org: owner, name: 'web', config, events: ['push'] })).data;
    expect(hook.config.secret).toBe('********');
    await createRepository('pushed');

    const work = await GitClient.init(sandbox.home, sandbox.connection.github.token);
    const first = await work.commit('First commit', { 'app/main.py': 'print(1)\n', 'README.md': '# pushed\n' });
    await work.git('push', '--quiet', cloneUrl('pushed'), 'main');

    const received = await receiver.next('push');
    const signature = `sha256=${createHmac('sha256', secret).update(received.body).digest('hex')}`;
    expect(received.headers).toMatchObject({
      'x-hub-signature-256': signature,
      'x-github-delivery': expect.stringMatching(/^[0-9a-f-]{36}$/),
      'user-agent': expect.stringMatching(/^GitHub-Hookshot\//),
    });
    expect(JSON.parse(received.body)).toMatchObject({
      ref: 'refs/heads/main',
      before: '0'.repeat(40),
      after: first,
      created: true,
      deleted: false,
      forced: false,
      commits: [{ id: first, message: 'First commit', added: ['README.md', 'app/main.py'] }],
      head_commit: { id: first },
      repository: { full_name: `${owner}/pushed` },
      organization: { login: owner },
    });

    expect((await octokit.rest.git.getRef({ owner, repo: 'pushed', ref: 'heads/main' })).data.object.sha).toBe(first);
    const file = (await octokit.rest.repos.getContent({ owner, repo: 'pushed', path: 'app/main.py' })).data;
    expect(Buffer.from((file as { content: string }).content, 'base64').toString()).toBe('print(1)\n');
    const folder = (await octokit.rest.repos.getContent({ owner, repo: 'pushed', path: '' })).data;
    const entries = (folder as { name: string; type: string }[]).map(({ name, type }) => `${type} ${name}`);
    expect(entries).toEqual(['file README.md', 'dir app']);
    expect((await octokit.rest.repos.listCommits({ owner, repo: 'pushed' })).data.map(({ sha }) => sha)).toEqual([first]);

    const copy = await GitClient.init(sandbox.home, sandbox.connection.github.token);
    await copy.git('pull', '--quiet', cloneUrl('pushed'), 'main');
    expect(await copy.git('rev-parse', 'HEAD')).toBe(first);

    const deliveries = await until(
      async () => (await octokit.rest.orgs.listWebhookDeliveries({ org: owner, hook_id: hook.id })).data,
      (list) => list.length >= 2,
    );
    expect(deliveries.map(({ event, status_code: code }) => [event, code])).toEqual([['push', 200], ['ping', 200]]);
    await octokit.rest.orgs.deleteWebhook({ org: owner, hook_id: hook.id });
    await receiver.close();
  });

  it('takes a body that git compresses and one of many megabytes', async () => {
    await createRepository('large');
    const work = await GitClient.init(sandbox.home, sandbox.connection.github.token);
    const noise = Array.from({ length: 300_000 }, (_, index) => (index * 2_654_435_761) % 4_294_967_291).join('\n');
    const sha = await work.commit('large', { 'noise.txt': noise });
    await work.git('-c', 'core.compression=0', 'push', '--quiet', cloneUrl('large'), 'main');
    expect((await octokit.rest.repos.getCommit({ owner, repo: 'large', ref: 'main' })).data.sha).toBe(sha);
  });
});

function cloneUrl(name: string): string {
  return `${sandbox.connection.github.url}/${owner}/${name}.git`;
}
