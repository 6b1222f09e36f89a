import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import type { StandIn, System } from '../stand-in.js';
import { Clock } from './clock.js';
import { createControlApi } from './control-api.js';
import { Faults } from './faults.js';
import { RequestLog } from './request-log.js';
import { createServer } from './serve.js';
import { Store } from './store.js';

const clock = new Clock();
const faults = new Faults();
const store = Store.open(':memory:');
const traffic = { store, clock, faults, log: new RequestLog(clock, () => ['a-known-secret']), latency: new Map<System, number>() };
let done = 0;

/** What answers each request with the same, and counts them: the smallest thing that can stand behind the doors. */
const counter: StandIn = {
  system: 'github',
  routes: (app) => {
    app.all('/*', () => ({ done: (done += 1) }));
    app.post('/stream', (_request, reply) => reply.send(Readable.from(doneAsItIsRead(), { objectMode: false })));
  },
  state: () => ({ done }),
  reset: async () => void (done = 0),
  close: async () => undefined,
};

async function* doneAsItIsRead() {
  yield Buffer.from('word by word');
  done += 1;
}

let control: FastifyInstance;
let server: FastifyInstance;
let url: string;
let controlUrl: string;

beforeAll(async () => {
  control = createControlApi([counter], traffic, { state: async () => ({}), reset: async () => undefined });
  server = await createServer(counter, traffic);
  [url, controlUrl] = await Promise.all([listen(server), listen(control)]);
});

afterEach(() => faults.set([]));

afterAll(async () => {
  clock.stop();
  await server.close();
  await control.close();
});

async function listen(app: FastifyInstance): Promise<string> {
  await app.listen({ host: '127.0.0.1', port: 0 });
  return `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
}

async function ask(method: string, path: string, body?: unknown) {
  const sent = body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
  const answer = await fetch(`${controlUrl}${path}`, { method, ...sent });
  const text = await answer.text();
  return { status: answer.status, body: text === '' ? undefined : JSON.parse(text) };
}

async function switchOn(fault: object): Promise<void> {
  const answer = await ask('PUT', '/faults', [{ system: 'github', ...fault }]);
  if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
}

describe('a fault', () => {
  it('answers in the system\'s words without doing anything: status, expired token, both rate limits', async () => {
    const before = done;
    await switchOn({ fault: 'status', status: 503, headers: { 'retry-after': '7' } });
    const failed = await fetch(url);
    expect([failed.status, failed.headers.get('retry-after'), await failed.json()]).toEqual([
      503, '7', { message: 'Service Unavailable', documentation_url: expect.any(String), status: '503' },
    ]);
    await switchOn({ fault: 'expired-token' });
    const expired = await fetch(url);
    expect([expired.status, await expired.json()]).toEqual([401, expect.objectContaining({ message: 'Bad credentials' })]);
    await switchOn({ fault: 'rate-limit', delayMs: 60_000 });
    const limited = await fetch(url);
    expect([limited.status, limited.headers.get('x-ratelimit-remaining'), limited.headers.get('retry-after')]).toEqual([403, '0', null]);
    expect(Number(limited.headers.get('x-ratelimit-reset')) - clock.now() / 1_000).toBeCloseTo(60, -1);
    await switchOn({ fault: 'secondary-rate-limit', status: 429, delayMs: 30_000 });
    const secondary = await fetch(url);
    expect([secondary.status, secondary.headers.get('retry-after')]).toEqual([429, '30']);
    expect(await secondary.json()).toMatchObject({ message: expect.stringContaining('secondary rate limit') });
    expect(done).toBe(before);
  });

  it.each([
    ['timeout', 'TimeoutError', 0],
    ['applied-then-timeout', 'TimeoutError', 1],
  ])('%s: no answer', async (fault, name, effects) => {
    const before = done;
    await switchOn({ fault });
    await expect(fetch(url, { method: 'POST', signal: AbortSignal.timeout(300) })).rejects.toMatchObject({ name });
    expect(done - before).toBe(effects);
  });

  it.each([
    ['reset', 0],
    ['applied-then-reset', 1],
  ])('%s: the connection breaks', async (fault, effects) => {
    const before = done;
    await switchOn({ fault });
    await expect(fetch(url, { method: 'POST' })).rejects.toMatchObject({ cause: { code: 'ECONNRESET' } });
    expect(done - before).toBe(effects);
  });

  it('applied-then-status: the answer of a proxy whose upstream had done it', async () => {
    const before = done;
    await switchOn({ fault: 'applied-then-status', status: 504 });
    const answer = await fetch(url, { method: 'POST' });
    expect([answer.status, await answer.json(), done - before]).toEqual([504, expect.objectContaining({ message: 'Gateway Timeout' }), 1]);
  });

  it('wrong-json: a success whose body breaks off', async () => {
    await switchOn({ fault: 'wrong-json' });
    const answer = await fetch(url);
    expect(answer.status).toBe(200);
    await expect(answer.json()).rejects.toThrow(/JSON/);
  });

  it('slow-body: a byte at a time', async () => {
    await switchOn({ fault: 'slow-body', delayMs: 5 });
    const startedAt = performance.now();
    const text = await (await fetch(url)).text();
    expect(JSON.parse(text)).toEqual({ done });
    expect(performance.now() - startedAt).toBeGreaterThan(4 * text.length);
  });

  it('endless-body: more than anyone should read', async () => {
    await switchOn({ fault: 'endless-body' });
    const body = (await fetch(url)).body!.getReader();
    let read = 0;
    while (read < 2 ** 20) read += (await body.read()).value!.length;
    await body.cancel();
  });

  it('slow: holds up for a time of the sandbox, which PUT /clock shortens', async () => {
    await switchOn({ fault: 'slow', delayMs: 3_600_000, times: 1 });
    const answer = fetch(url);
    while (traffic.log.list().at(-1)?.fault !== 'slow') await new Promise(setImmediate);
    await ask('PUT', '/clock', { advance: 'PT1H' });
    expect((await answer).status).toBe(200);
  });

  it('befalls what it matches, as often as told, and by the same lots from the same seed', async () => {
    await switchOn({ match: { method: 'get', path: '/repos/*/issues' }, fault: 'status', times: 1 });
    const statusOf = async (path: string, method = 'GET') => (await fetch(`${url}${path}`, { method })).status;
    expect(await statusOf('/repos/a/b/issues')).toBe(200);
    expect(await statusOf('/repos/a/issues', 'POST')).toBe(200);
    expect(await statusOf('/api/v3/repos/a/issues')).toBe(500);
    expect(await statusOf('/repos/a/issues')).toBe(200);
    const lots = async () => {
      await switchOn({ fault: 'status', probability: 0.5, seed: 42 });
      return Promise.all(Array.from({ length: 12 }, () => statusOf('/')));
    };
    expect(new Set(await lots())).toEqual(new Set([200, 500]));
    const tallies = [await lots(), await lots()].map((statuses) => statuses.filter((status) => status === 500).length);
    expect(tallies[0]).toBe(tallies[1]);
  });

  it.each(['applied-then-status', 'applied-then-reset'])('%s: what is done as the answer is read is done, too', async (fault) => {
    const before = done;
    await switchOn({ fault });
    await fetch(`${url}/stream`, { method: 'POST' }).catch(() => undefined);
    expect(done).toBe(before + 1);
  });

  it('spares the first ones where told', async () => {
    await switchOn({ match: { path: '/third' }, fault: 'status', after: 2, times: 1 });
    const statuses = [];
    for (const path of ['/other', '/third', '/third', '/third', '/third']) statuses.push((await fetch(`${url}${path}`)).status);
    expect(statuses).toEqual([200, 200, 200, 500, 200]);
  });

  it('befalls the caller that it matches, by what its body holds', async () => {
    await switchOn({ match: { agent: 'slipway/*', body: '/apps/shop/' }, fault: 'status' });
    const send = async (agent: string, name: string): Promise<number> => {
      const headers = { 'content-type': 'application/json', 'user-agent': agent };
      return (await fetch(url, { method: 'POST', headers, body: JSON.stringify({ of: { name } }) })).status;
    };
    expect(await send('slipway/1.0', '/apps/shop/database')).toBe(500);
    expect(await send('slipway/1.0', '/apps/shopping/database')).toBe(200);
    expect(await send('curl/8', '/apps/shop/database')).toBe(200);
    expect((await fetch(url, { headers: { 'user-agent': 'slipway/1.0' } })).status).toBe(200);
  });

  it('that a body called for is played after the effect, too', async () => {
    await switchOn({ match: { body: 'shop' }, fault: 'applied-then-status', status: 504 });
    const before = done;
    const answer = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"name":"shop"}' });
    expect([answer.status, done]).toEqual([504, before + 1]);
  });
});

describe('the control door', () => {
  const fault = { system: 'github', fault: 'status' };
  it.each([
    ['an unknown kind, naming those it knows', { ...fault, fault: 'gremlins' }, '0.fault', /applied-then-timeout/],
    ['an unknown field', { ...fault, statuss: 500 }, '0', /statuss/],
    ['a field that the kind does not read', { ...fault, fault: 'timeout', status: 500 }, '0.status', /means nothing to timeout; it takes delayMs/],
    ['a system that does not have the kind', { ...fault, fault: 'revocation-fails' }, '0.fault', /akeyless, not github/],
    ['a path where only a name matches', { ...fault, fault: 'webhook-lost', match: { path: '/**' } }, '0.match.path', /matched by name/],
    ['a status that is no failure', { ...fault, status: 200 }, '0.status', /400/],
    ['a probability past one', { ...fault, probability: 1.5 }, '0.probability', /1/],
  ])('refuses %s, and changes nothing', async (_what, wrong, path, message) => {
    await switchOn({ fault: 'reset' });
    const { status, body } = await ask('PUT', '/faults', [wrong]);
    expect(status).toBe(422);
    expect(body).toMatchObject({ ok: false, error: 'invalid_control_request', message: expect.stringMatching(message) });
    expect(body.details.map((detail: { path: string }) => detail.path)).toContain(path);
    expect((await ask('GET', '/faults')).body).toMatchObject([{ fault: 'reset' }]);
  });

  it.each([
    ['PUT', '/clock', { advance: 'an hour' }, 422],
    ['PUT', '/latency', { gitlab: 5 }, 422],
    ['GET', '/requests?system=gitlab', undefined, 422],
    ['GET', '/nowhere', undefined, 404],
  ])('refuses %s %s %j with %i, and says what it takes', async (method, path, body, status) => {
    const answer = await ask(method, path, body);
    expect([answer.status, answer.body.ok, answer.body.message.length > 20]).toEqual([status, false, true]);
  });

  it('shows what was asked, without the values of secrets, even those of a JSON patch', async () => {
    const bodies = [
      { name: 'x', password: 'hidden-1', note: 'with a-known-secret inside' },
      [{ op: 'add', path: '/data/password', value: 'hidden-2' }, { op: 'replace', path: '/data', value: { key: 'hidden-3' } }],
      [{ op: 'test', path: '/spec/replicas', value: 3 }],
      { kind: 'Secret', stringData: { key: 'hidden-4' } },
    ];
    for (const body of bodies) {
      const headers = { 'content-type': 'application/json', authorization: 'Bearer hidden-5' };
      await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
    }
    const shown = JSON.stringify((await ask('GET', '/requests?system=github')).body);
    expect(shown).toContain('"path":"/spec/replicas","value":3');
    expect(shown).toContain('"name":"x"');
    expect(shown).not.toMatch(/hidden-\d|a-known-secret/);
  });

  it('adds latency, and forgets all but time when reset', async () => {
    await ask('PUT', '/latency', { github: 40 });
    const startedAt = performance.now();
    await fetch(url);
    expect(performance.now() - startedAt).toBeGreaterThan(38);
    await switchOn({ fault: 'reset' });
    expect((await ask('POST', '/reset')).status).toBe(204);
    expect((await ask('GET', '/state')).body).toEqual({ github: { done: 0 } });
    expect([faults.list(), traffic.latency.size, traffic.log.list()]).toEqual([[], 0, []]);
  });
});
