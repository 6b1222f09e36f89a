import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { MemoryRateLimiter, systemClock } from '@slipway/engine';
import { createStepRig, failureOf } from '@slipway/engine/testing';
import { Octokit } from 'octokit';
import { createGithubClient } from './client.js';
import { GithubConfig } from './config.js';
import { octokitOptions } from './octokit-options.js';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function serve(answer: RequestListener): Promise<string> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function configOf(apiUrl: string): GithubConfig {
  return GithubConfig.parse({ apiUrl, org: 'acme', token: 'env:GITHUB_TOKEN', webhookSecret: 'env:GITHUB_WEBHOOK_SECRET', throttle: false });
}

/** What a call to that server fails with. */
function failureAt(apiUrl: string, signal?: AbortSignal) {
  const github = createGithubClient(configOf(apiUrl), new MemoryRateLimiter(systemClock));
  const ctx = createStepRig({ kinds: [], secrets: { 'env:GITHUB_TOKEN': 'ghp_one' } }).context();
  const send = (octokit: Octokit) => octokit.rest.repos.createInOrg({ org: 'acme', name: 'shop' });
  return failureOf(github.call({ ...ctx, ...(signal && { signal }) }, { what: 'create acme/shop', write: true, needs: {}, send }));
}

function octokitAt(apiUrl: string, deadlineMs?: number): Octokit {
  return new Octokit({ ...octokitOptions(configOf(apiUrl), undefined, deadlineMs), auth: 'ghp_one' });
}

const json = { 'content-type': 'application/json; charset=utf-8' };

it('sends what was asked for, and hands on what is answered', async () => {
  const asked: unknown[] = [];
  const url = await serve((request, response) => {
    let text = '';
    request.on('data', (chunk) => (text += String(chunk)));
    request.on('end', () => {
      asked.push({ method: request.method, path: request.url, token: request.headers.authorization, body: JSON.parse(text) as unknown });
      response.writeHead(201, { ...json, 'x-oauth-scopes': 'repo' }).end(JSON.stringify({ id: 7, name: 'Bücher' }));
    });
  });
  const { status, headers, data } = await octokitAt(url).rest.repos.createInOrg({ org: 'acme', name: 'shop' });
  expect(asked).toEqual([{ method: 'POST', path: '/orgs/acme/repos', token: 'token ghp_one', body: { name: 'shop' } }]);
  expect({ status, scopes: headers['x-oauth-scopes'], data }).toEqual({ status: 201, scopes: 'repo', data: { id: 7, name: 'Bücher' } });
});

it('reads a large answer whole', async () => {
  const names = Array.from({ length: 50_000 }, (_, index) => `a-rather-long-name-${index}`);
  const url = await serve((_request, response) => response.writeHead(200, json).end(JSON.stringify(names)));
  expect((await octokitAt(url).request('GET /names')).data).toEqual(names);
});

it('turns page after page', async () => {
  const url = await serve((request, response) => {
    const page = new URL(request.url ?? '', 'http://here').searchParams.get('page');
    const next = page === null ? { link: `<http://${request.headers.host}/repos?page=2>; rel="next"` } : {};
    response.writeHead(200, { ...json, ...next }).end(JSON.stringify([page ?? '1']));
  });
  expect(await octokitAt(url).paginate('GET /repos')).toEqual(['1', '2']);
});

it('has no body where there is none, and the text of what is not JSON', async () => {
  const url = await serve((request, response) => {
    if (request.url === '/nothing') response.writeHead(204).end();
    else if (request.url === '/page') response.writeHead(200, { 'content-type': 'text/html' }).end('<html>');
    else response.writeHead(200, json).end('{"half');
  });
  const bodyOf = async (path: string) => (await octokitAt(url).request(`GET ${path}`)).data as unknown;
  expect([await bodyOf('/nothing'), await bodyOf('/page'), await bodyOf('/broken')]).toEqual(['', '<html>', '{"half']);
});

it('follows a redirect, and takes the credential nowhere else', async () => {
  const shown: Record<string, string | undefined>[] = [];
  const elsewhere = await serve((request, response) => {
    shown.push({ elsewhere: request.headers.authorization });
    response.writeHead(200, json).end('{"name":"moved"}');
  });
  const url = await serve((request, response) => {
    shown.push({ [request.url ?? '']: request.headers.authorization });
    response.writeHead(301, { location: request.url === '/repos/acme/old' ? '/repositories/7' : elsewhere }).end();
  });
  expect((await octokitAt(url).rest.repos.get({ owner: 'acme', repo: 'old' })).data.name).toBe('moved');
  expect(shown).toEqual([{ '/repos/acme/old': 'token ghp_one' }, { '/repositories/7': 'token ghp_one' }, { elsewhere: undefined }]);
});

it.each([
  [422, json, '{"message":"Validation Failed","errors":[{"field":"name","code":"taken"}]}', 'github_rejected', 'Validation Failed; name: taken'],
  [403, { ...json, 'retry-after': '7' }, '{"message":"You have exceeded a secondary rate limit"}', 'github_rate_limited', 'rate limit'],
  [502, { 'content-type': 'text/html' }, '<html>Bad Gateway</html>', 'github_unavailable', '502'],
  [500, { 'content-type': 'image/png' }, 'no text', 'github_unavailable', '500'],
])('has an error of what %d answers', async (status, headers, body, code, words) => {
  const url = await serve((request, response) => request.resume().on('end', () => response.writeHead(status, headers).end(body)));
  const error = await failureAt(url);
  expect(error.code).toBe(code);
  expect(error.message).toContain(words);
});

it('waits no longer than its deadline, for the end of an answer too', async () => {
  const url = await serve((request, response) => {
    if (request.url === '/begun') response.writeHead(200, json).write('{');
  });
  for (const path of ['/never', '/begun']) {
    await expect(octokitAt(url, 100).request(`GET ${path}`)).rejects.toMatchObject({ cause: { name: 'TimeoutError' } });
  }
});

it('breaks off what is under way with the signal, and the outcome of a write is unknown then', async () => {
  const stop = new AbortController();
  const broken = Promise.withResolvers<void>();
  const url = await serve((request, response) => {
    response.on('close', () => broken.resolve());
    request.resume().on('end', () => stop.abort());
  });
  expect(await failureAt(url, stop.signal)).toMatchObject({ classification: 'lost', code: 'github_unreachable' });
  await broken.promise;
});

it('knows that a request did not arrive', async () => {
  const url = await serve(() => undefined);
  await new Promise((done) => servers.splice(0)[0]?.close(done));
  expect(await failureAt(url)).toMatchObject({ classification: 'retry', code: 'github_unreachable' });
});
