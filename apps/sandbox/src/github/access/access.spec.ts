import { jest } from '@jest/globals';
import { importPKCS8, SignJWT } from 'jose';
import type { Octokit } from 'octokit';
import { connectApp, connectOctokit } from '../../testing/github-description.js';
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

afterEach(() => github.ctx.faults.set([]));

afterAll(() => github.stop());

const place = (repo: string) => ({ owner: github.owner, repo });

async function jwt(claims: { iss?: string; lifeS?: number }): Promise<string> {
  const now = Math.floor(github.ctx.clock.now() / 1_000);
  const key = await importPKCS8(github.credentials.app.privateKey, 'RS256');
  const signed = new SignJWT({}).setProtectedHeader({ alg: 'RS256' }).setIssuedAt(now - 60).setIssuer(claims.iss ?? github.credentials.app.clientId);
  return signed.setExpirationTime(now + (claims.lifeS ?? 300)).sign(key);
}

function ask(path: string, token: string, init: RequestInit = {}): Promise<Response> {
  return fetch(`${github.credentials.url}${path}`, { ...init, headers: { authorization: `Bearer ${token}`, ...init.headers } });
}

async function tokenFor(asked: object) {
  const { installationId } = github.credentials.app;
  const { data } = await app.request('POST /app/installations/{installation_id}/access_tokens', { installation_id: installationId, ...asked });
  return data;
}

describe('a GitHub App', () => {
  it('becomes an installation through the official client, and works over REST and git', async () => {
    expect((await app.rest.apps.getAuthenticated()).data).toMatchObject({ slug: 'slipway', client_id: github.credentials.app.clientId });
    expect((await app.rest.apps.getOrgInstallation({ org: github.owner })).data.id).toBe(github.credentials.app.installationId);
    const id = (await app.rest.repos.createInOrg({ org: github.owner, name: 'by-app', private: true })).data.id;
    expect((await app.rest.apps.listReposAccessibleToInstallation()).data).toMatchObject({ repository_selection: 'all' });
    await expect(app.rest.users.getAuthenticated()).rejects.toMatchObject({ status: 403, message: expect.stringContaining('not accessible by integration') });
    const { token } = await tokenFor({ repository_ids: [id], permissions: { contents: 'write' } });
    const copy = await github.workingCopy('by-app');
    await copy.commit('First', { 'a.txt': 'a' });
    await copy.git('push', '--quiet', github.credentials.url.replace('://', `://x-access-token:${token}@`) + '/acme/by-app.git', 'main');
  });

  it('narrows its tokens to repositories and permissions', async () => {
    const [id] = [await github.create('mine', { auto_init: true }), await github.create('other', { auto_init: true })];
    const issued = await tokenFor({ repository_ids: [id], permissions: { contents: 'read' } });
    expect(issued).toMatchObject({ repository_selection: 'selected', permissions: { contents: 'read', metadata: 'read' }, repositories: [{ name: 'mine' }] });
    const narrow = connectOctokit(github.credentials, issued.token);
    expect((await narrow.rest.repos.getContent({ ...place('mine'), path: 'README.md' })).status).toBe(200);
    await expect(narrow.rest.repos.get(place('other'))).rejects.toMatchObject({ status: 404 });
    const denied = { status: 403, response: { data: { message: 'Resource not accessible by integration' } } };
    await expect(narrow.rest.git.createBlob({ ...place('mine'), content: 'x' })).rejects.toMatchObject(denied);
    await expect(narrow.rest.actions.listRepoSecrets(place('mine'))).rejects.toMatchObject(denied);
    const copy = await github.workingCopy('mine');
    const remote = github.credentials.url.replace('://', `://x:${issued.token}@`);
    // Without the working copy's own credential.
    const anonymous = ['-c', 'http.extraHeader='];
    await copy.git(...anonymous, 'ls-remote', `${remote}/acme/mine.git`);
    await expect(copy.git(...anonymous, 'ls-remote', `${remote}/acme/other.git`)).rejects.toThrow(/not found/i);
    await copy.commit('First', { 'a.txt': 'a' });
    await expect(copy.git(...anonymous, 'push', `${remote}/acme/mine.git`, 'main:topic')).rejects.toThrow('403');
    await expect(tokenFor({ permissions: { members: 'write' } })).rejects.toMatchObject({ status: 422 });
    await expect(tokenFor({ repositories: ['no-such'] })).rejects.toMatchObject({ status: 422 });
  });

  it('writes workflows only with that permission', async () => {
    await github.create('flows', { auto_init: true });
    const { token } = await tokenFor({ permissions: { contents: 'write' } });
    const narrow = connectOctokit(github.credentials, token);
    const put = { ...place('flows'), message: 'm', content: 'YQ==' };
    await expect(narrow.rest.repos.createOrUpdateFileContents({ ...put, path: '.github/workflows/ci.yml' })).rejects.toMatchObject({ status: 403 });
    expect((await narrow.rest.repos.createOrUpdateFileContents({ ...put, path: 'a.txt' })).status).toBe(201);
    const copy = await github.workingCopy('flows');
    await copy.commit('Workflow', { '.github/workflows/ci.yml': 'on: push\njobs: {}\n' });
    const remote = `${github.credentials.url.replace('://', `://x:${token}@`)}/acme/flows.git`;
    const push = copy.git('-c', 'http.extraHeader=', 'push', remote, 'main:topic');
    await expect(push).rejects.toThrow(/refusing to allow a GitHub App to create or update workflow `\.github\/workflows\/ci\.yml` without `workflows` permission/);
  });

  it('has tokens for an hour of the sandbox, and gives them back', async () => {
    const { token } = await tokenFor({});
    expect((await ask('/installation/repositories', token)).status).toBe(200);
    expect((await ask('/installation/token', token, { method: 'DELETE' })).status).toBe(204);
    expect((await ask('/installation/repositories', token)).status).toBe(401);
    const second = (await tokenFor({})).token;
    github.ctx.clock.advance('PT1H');
    expect(await (await ask('/installation/repositories', second)).json()).toMatchObject({ message: 'Bad credentials' });
  });

  it('is of no use while its installation is suspended', async () => {
    const { token } = await tokenFor({});
    const path = `/app/installations/${github.credentials.app.installationId}`;
    expect((await ask(`${path}/suspended`, await jwt({}), { method: 'PUT' })).status).toBe(204);
    expect(await (await ask(path, await jwt({}))).json()).toMatchObject({ suspended_at: expect.any(String), suspended_by: { login: 'slipway-bot' } });
    await expect(tokenFor({})).rejects.toMatchObject({ status: 403 });
    expect((await ask('/installation/repositories', token)).status).toBe(403);
    expect((await ask(`${path}/suspended`, await jwt({}), { method: 'DELETE' })).status).toBe(204);
    expect((await ask('/installation/repositories', token)).status).toBe(200);
  });

  it('needs administration to make an environment, and no more than actions to see it', async () => {
    await github.create('environed', { auto_init: true });
    const env = '/repos/acme/environed/environments/prod';
    const { token: sees } = await tokenFor({ permissions: { actions: 'read' } });
    const { token: makes } = await tokenFor({ permissions: { administration: 'write' } });
    const put = { method: 'PUT', body: '{}', headers: { 'content-type': 'application/json' } };
    expect((await ask(env, sees, put)).status).toBe(403);
    expect((await ask(env, makes, put)).status).toBe(200);
    expect((await ask(env, sees)).status).toBe(200);
    expect((await ask(env, makes)).status).toBe(403);
  });

  it.each([
    ['of another app', { iss: 'Iv1.someone' }, 404, 'Integration not found'],
    ['past its time', { lifeS: -10 }, 401, "'Expiration time' claim ('exp') must be a numeric value"],
    ['good for too long', { lifeS: 3_600 }, 401, "'Expiration time' claim ('exp') is too far in the future"],
  ])('is refused a JWT %s', async (_what, claims, status, message) => {
    const answer = await ask('/app', await jwt(claims));
    expect([answer.status, await answer.json()]).toEqual([status, expect.objectContaining({ message: expect.stringContaining(message) })]);
  });

  it('is refused a JWT that another key signed, and elsewhere any', async () => {
    const [head, claims] = (await jwt({})).split('.');
    expect((await ask('/app', `${head}.${claims}.c2lnbmF0dXJl`)).status).toBe(401);
    expect((await ask('/app', github.credentials.token)).status).toBe(401);
    expect((await ask('/orgs/acme', await jwt({}))).status).toBe(403);
  });
});

describe('limits', () => {
  it('are counted and shown, and an answer that is still true costs nothing', async () => {
    const first = await ask('/orgs/acme', github.credentials.token);
    const etag = first.headers.get('etag') ?? '';
    const used = Number(first.headers.get('x-ratelimit-used'));
    const again = await ask('/orgs/acme', github.credentials.token, { headers: { 'if-none-match': etag } });
    expect([again.status, await again.text()]).toEqual([304, '']);
    expect((await ask('/orgs/acme', github.credentials.token)).headers.get('x-ratelimit-used')).toBe(String(used + 1));
    expect((await github.octokit.rest.rateLimit.get()).data.rate).toMatchObject({ limit: 5_000, used: used + 1 });
  });

  it('refuse who makes too much in a minute while they are enforced', async () => {
    github.fault({ fault: 'limits-enforced' });
    await github.create('limited', { auto_init: true });
    // Something that needs no git: eighty processes may take more than the minute.
    let made = 0;
    const post = () => ask('/repos/acme/limited/actions/variables', github.credentials.token, {
      method: 'POST', body: JSON.stringify({ name: `V${(made += 1)}`, value: 'x' }), headers: { 'content-type': 'application/json' },
    });
    let refused: Response | undefined;
    for (let index = 0; index < 85 && !refused; index += 1) {
      const answer = await post();
      if (answer.status !== 201) refused = answer;
    }
    expect([refused?.status, refused?.headers.get('retry-after')]).toEqual([403, '60']);
    expect(await refused?.json()).toMatchObject({ message: expect.stringContaining('secondary rate limit') });
    github.ctx.clock.advance('PT1M');
    expect((await post()).status).toBe(201);
  });
});

describe('requests', () => {
  it.each([
    ['a field that is none', 'POST', '/orgs/acme/repos', { name: 'x', nmae: 'y' }, 422, '"nmae" is not a permitted key.'],
    ['a wrong type', 'POST', '/orgs/acme/repos', { name: 'x', private: 'yes' }, 422, 'For \'properties/private\', "yes" is not a boolean.'],
    ['a value not among those allowed', 'POST', '/orgs/acme/repos', { name: 'x', visibility: 'secret' }, 422, 'is not a member of'],
    ['a field left out', 'POST', '/repos/acme/x/git/refs', { ref: 'refs/heads/x' }, 422, '"sha" wasn\'t supplied.'],
    ['a body that is no object', 'POST', '/orgs/acme/repos', [1], 422, 'is not an object'],
    ['a path that GitHub does not have', 'GET', '/repos/acme/x/nonsense', undefined, 404, 'Not Found'],
    ['a method that GitHub does not have', 'PUT', '/orgs/acme/repos', {}, 404, 'Not Found'],
    ['a path that only the sandbox lacks', 'GET', '/repos/acme/x/milestones', undefined, 501, 'GET /repos/acme/x/milestones'],
  ])('with %s are refused as GitHub does', async (_what, method, path, body, status, message) => {
    const sent = body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
    const answer = await ask(path, github.credentials.token, { method, ...sent });
    const shape = { message: expect.stringContaining(message), documentation_url: expect.any(String), status: String(status) };
    expect([answer.status, await answer.json()]).toEqual([status, shape]);
  });
});

describe('custom properties and templates', () => {
  it('are defined by the organisation, and a repository carries no other', async () => {
    const { orgs, repos } = github.octokit.rest;
    const property = { org: github.owner, custom_property_name: 'tier', value_type: 'single_select' as const, allowed_values: ['gold', 'silver'] };
    await orgs.customPropertiesForReposCreateOrUpdateOrganizationDefinition(property);
    expect((await orgs.customPropertiesForReposGetOrganizationDefinitions({ org: github.owner })).data).toMatchObject([{ property_name: 'tier' }]);
    await github.create('propertied', { custom_properties: { tier: 'gold' } });
    await expect(github.create('not', { custom_properties: { colour: 'red' } })).rejects.toMatchObject({ status: 422 });
    const values = (value: string) => ({ ...place('propertied'), properties: [{ property_name: 'tier', value }] });
    await repos.customPropertiesForReposCreateOrUpdateRepositoryValues(values('silver'));
    await expect(repos.customPropertiesForReposCreateOrUpdateRepositoryValues(values('bronze'))).rejects.toMatchObject({ status: 422 });
    expect((await repos.customPropertiesForReposGetRepositoryValues(place('propertied'))).data).toEqual([{ property_name: 'tier', value: 'silver' }]);
    const all = (await orgs.customPropertiesForReposGetOrganizationValues({ org: github.owner, per_page: 100 })).data;
    expect(all.find(({ repository_name: name }) => name === 'propertied')?.properties).toEqual([{ property_name: 'tier', value: 'silver' }]);
  });

  it('a template gives its files in one commit', async () => {
    await github.create('golden', { auto_init: true, is_template: true });
    const { repos } = github.octokit.rest;
    await repos.createUsingTemplate({ template_owner: github.owner, template_repo: 'golden', owner: github.owner, name: 'from-golden', private: true });
    expect((await repos.listCommits(place('from-golden'))).data.map(({ commit }) => commit.message)).toEqual(['Initial commit']);
    await expect(repos.createUsingTemplate({ template_owner: github.owner, template_repo: 'from-golden', name: 'x' })).rejects.toMatchObject({ status: 422 });
  });
});

describe('faults', () => {
  it('hide a repository that was just made', async () => {
    github.fault({ fault: 'not-found-after-create', match: { name: 'acme/shy' }, times: 2 });
    await github.create('shy');
    const get = () => github.octokit.rest.repos.get(place('shy')).then(({ status }) => status, ({ status }: { status: number }) => status);
    expect([await get(), await get(), await get()]).toEqual([404, 404, 200]);
  });

  it('lose, double, delay and reorder webhooks', async () => {
    const hooks = await github.octokit.rest.orgs.listWebhooks({ org: github.owner });
    const hook_id = hooks.data.at(-1)?.id ?? 0;
    const received = (name: string) => github.webhooks.received.filter(({ body }) => body.includes(`"full_name":"acme/${name}"`));

    github.fault({ fault: 'webhook-lost', match: { name: 'repository.created' }, times: 1 });
    await github.create('lost');
    const listDeliveries = async () => (await github.octokit.rest.orgs.listWebhookDeliveries({ org: github.owner, hook_id })).data;
    const [failed] = await until(listDeliveries, ([one]) => one?.status_code === 502);
    expect(received('lost')).toEqual([]);
    await github.octokit.rest.orgs.redeliverWebhookDelivery({ org: github.owner, hook_id, delivery_id: failed?.id ?? 0 });
    const [redelivered] = await until(async () => received('lost'), (list) => list.length === 1);
    expect(redelivered?.headers['x-github-delivery']).toBe(failed?.guid);

    github.fault({ fault: 'webhook-doubled', match: { name: 'repository.*' }, times: 1 });
    await github.create('doubled');
    const twice = await until(async () => received('doubled'), (list) => list.length === 2);
    expect(new Set(twice.map(({ headers }) => headers['x-github-delivery'])).size).toBe(1);

    github.fault({ fault: 'webhook-late', delayMs: 3_600_000, times: 1 });
    await github.create('late');
    await github.create('on-time');
    await until(async () => received('on-time'), (list) => list.length === 1);
    expect(received('late')).toEqual([]);
    github.ctx.clock.advance('PT1H');
    await until(async () => received('late'), (list) => list.length === 1);

    github.fault({ fault: 'webhook-reordered', times: 1 });
    await github.create('before');
    await github.create('after');
    await until(async () => received('before'), (list) => list.length === 1);
    const order = github.webhooks.received.map(({ body }) => /"full_name":"acme\/(before|after)"/.exec(body)?.[1]).filter(Boolean);
    expect(order.slice(-2)).toEqual(['after', 'before']);
  });
});
