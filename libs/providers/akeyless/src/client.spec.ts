import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { failureOf } from '@slipway/engine/testing';
import { z } from 'zod';
import { AkeylessClient } from './client.js';
import { addressAdvice } from './gateway-address.js';
import { listLeases } from './leases.js';

type Route = (body: Record<string, unknown>, response: ServerResponse) => unknown;

/** Akeyless on the wire, answering what a test says and 599 to everything else. */
class Wire {
  readonly asked: { path: string; body: Record<string, unknown> }[] = [];
  routes: Record<string, Route> = {
    '/auth': () => ({ token: `t-${this.count('/auth')}`, expiration: '2099-01-01T00:00:00Z' }),
    '/validate-token': () => ({ is_valid: true }),
  };
  private readonly server: Server = createServer((request, response) => void this.answer(request, response));

  async listen(): Promise<string> {
    await new Promise<void>((done) => this.server.listen(0, '127.0.0.1', done));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  count(path: string): number {
    return this.asked.filter((request) => request.path === path).length;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = '';
    for await (const chunk of request) text += String(chunk);
    const body = JSON.parse(text || '{}') as Record<string, unknown>;
    const path = request.url ?? '';
    this.asked.push({ path, body });
    response.setHeader('content-type', 'application/json');
    const answer = this.routes[path]?.(body, response);
    if (response.writableEnded || answer === HANG) return;
    if (!this.routes[path]) response.statusCode = 599;
    response.end(JSON.stringify(answer ?? null));
  }
}

const HANG = Symbol('no answer');

function fail(response: ServerResponse, status: number, error: string): unknown {
  response.statusCode = status;
  return { error };
}

let wire: Wire;
let address: Promise<string>;
let client: AkeylessClient;
let protectedValues: string[];

beforeEach(async () => {
  wire = new Wire();
  protectedValues = [];
  address = wire.listen();
  client = clientAt(`${await address}/`);
});

function clientAt(url: string, deadlineMs = 20_000): AkeylessClient {
  return new AkeylessClient({
    url,
    accessId: 'p-1',
    proof: {
      what: 'the access key',
      remedy: 'Put a valid one there.',
      show: () => Promise.resolve({ fields: { 'access-type': 'access_key', 'access-key': 'the-access-key' }, secrets: ['the-access-key'] }),
    },
    protect: (value) => protectedValues.push(value),
    deadlineMs,
  });
}

afterEach(() => wire.close());

const read = { doing: 'look at target /slipway/shop', writes: false };
const write = { doing: 'create target /slipway/shop', writes: true };
const look = (signal?: AbortSignal) =>
  client.call({ ...read, ...(signal && { signal }) }, z.object({ comment: z.string() }), (api, token) =>
    api.targetGet({ name: '/slipway/shop', token }),
  );
const make = () => client.call(write, z.unknown(), (api, token) => api.targetCreateDB({ name: '/slipway/shop', token }));

describe('logging in', () => {
  it('happens once for many calls, and its token is redacted from then on', async () => {
    wire.routes['/target-get'] = () => ({ comment: 'x' });
    await Promise.all([look(), look(), look()]);
    await look();
    expect(wire.count('/auth')).toBe(1);
    expect(wire.asked[0]?.body).toEqual({ 'access-type': 'access_key', 'access-id': 'p-1', 'access-key': 'the-access-key' });
    expect(protectedValues).toEqual(['t-1']);
  });

  it('happens again, once, where the token is no longer valid', async () => {
    wire.routes['/target-get'] = ({ token }, response) =>
      token === 't-1' ? fail(response, 401, 'UnauthorizedAccess') : { comment: 'x' };
    wire.routes['/validate-token'] = () => ({ is_valid: false, reason: 'expired' });
    expect(await look()).toEqual({ comment: 'x' });
    expect(wire.count('/auth')).toBe(2);
  });

  it('is not repeated where a valid token is refused: that is a permission', async () => {
    wire.routes['/target-get'] = (_body, response) => fail(response, 401, 'UnauthorizedAccess');
    expect(await failureOf(look())).toMatchObject({ classification: 'fatal', code: 'akeyless_forbidden' });
    expect(wire.count('/auth')).toBe(1);
    expect(wire.count('/target-get')).toBe(1);
  });

  it('is not repeated for ever', async () => {
    wire.routes['/target-get'] = (_body, response) => fail(response, 401, 'UnauthorizedAccess');
    wire.routes['/validate-token'] = () => ({ is_valid: false });
    expect(await failureOf(look())).toMatchObject({ code: 'akeyless_forbidden' });
    expect(wire.count('/auth')).toBe(2);
  });

  it('says whose key was refused, and not the key', async () => {
    wire.routes['/auth'] = (_body, response) => fail(response, 401, 'Unauthorized: the-access-key is wrong');
    const error = await failureOf(look());
    expect(error).toMatchObject({ classification: 'fatal', code: 'akeyless_unauthorized' });
    expect(error.message).toContain('p-1');
    expect(error.message).not.toContain('the-access-key');
  });
});

describe('a call', () => {
  it('that gets no answer in time is lost where it writes, and tried again where it reads', async () => {
    client = clientAt(await address, 300);
    wire.routes['/target-create-db'] = () => HANG;
    wire.routes['/target-get'] = () => HANG;
    expect(await failureOf(make())).toMatchObject({ classification: 'lost' });
    expect(await failureOf(look())).toMatchObject({ classification: 'retry' });
  });

  it('that is answered in part, and then no more, is not waited for beyond its deadline', async () => {
    client = clientAt(await address, 300);
    wire.routes['/target-create-db'] = (_body, response) => {
      response.write('{');
      return HANG;
    };
    expect(await failureOf(make())).toMatchObject({ classification: 'lost' });
  });

  it('is broken off at the other side, too, once it is given up', async () => {
    const broken = Promise.withResolvers<void>();
    const stop = new AbortController();
    wire.routes['/target-get'] = (_body, response) => {
      response.on('close', () => broken.resolve());
      setImmediate(() => stop.abort());
      return HANG;
    };
    expect(await failureOf(look(stop.signal))).toMatchObject({ classification: 'retry' });
    await broken.promise;
  });

  it('whose answer is no JSON after all has an unknown outcome where it writes', async () => {
    wire.routes['/target-create-db'] = (_body, response) => response.end('{"half');
    expect(await failureOf(make())).toMatchObject({ classification: 'lost', code: 'akeyless_answer_lost' });
  });

  it('that is refused says in what words, without the secrets that it sent, and when to ask again', async () => {
    wire.routes['/target-create-db'] = (_body, response) => fail(response, 400, 'bad password the-password');
    const refused = await failureOf(client.call({ ...write, sends: ['the-password'] }, z.unknown(), (api, token) => api.targetCreateDB({ token })));
    expect(refused).toMatchObject({ code: 'akeyless_refused', message: 'Akeyless could not create target /slipway/shop: bad password [secret]' });
    wire.routes['/target-create-db'] = (_body, response) => {
      response.setHeader('retry-after', '7');
      return fail(response, 429, 'slow down');
    };
    expect(await failureOf(make())).toMatchObject({ code: 'akeyless_busy', retryAfterMs: 7_000 });
  });

  it('reads a large answer whole', async () => {
    const comment = 'x'.repeat(3_000_000);
    wire.routes['/target-get'] = () => ({ comment });
    expect(await look()).toEqual({ comment });
  });

  it('ends with the signal of whoever calls', async () => {
    wire.routes['/target-get'] = () => HANG;
    const began = Date.now();
    await failureOf(look(AbortSignal.timeout(50)));
    expect(Date.now() - began).toBeLessThan(10_000);
  });

  it('is not sent where whoever calls has given up before', async () => {
    wire.routes['/target-get'] = () => ({ comment: 'x' });
    await look();
    await failureOf(look(AbortSignal.abort()));
    expect(wire.count('/target-get')).toBe(1);
  });

  it('that waits for a login ends with the signal, too', async () => {
    wire.routes['/auth'] = () => HANG;
    const began = Date.now();
    expect(await failureOf(look(AbortSignal.timeout(50)))).toMatchObject({ classification: 'retry' });
    expect(Date.now() - began).toBeLessThan(10_000);
  });

  it('follows no redirect, which would carry the token away', async () => {
    wire.routes['/target-create-db'] = (_body, response) => {
      response.writeHead(307, { location: '/elsewhere' }).end();
    };
    await failureOf(make());
    expect(wire.count('/elsewhere')).toBe(0);
  });

  it.each([
    ['http', 404, 'not Akeyless'],
    ['https', 200, 'does not speak TLS'],
  ])('by %s that reaches something else is told where the API is', async (scheme, status, words) => {
    wire.routes['/console/auth'] = (_body, response) => response.writeHead(status, { 'content-type': 'text/html' }).end('<html>');
    const url = `${(await address).replace('http:', `${scheme}:`)}/console`;
    const error = await failureOf(clientAt(url).call(read, z.unknown(), (api, token) => api.targetGet({ token })));
    expect(error).toMatchObject({ classification: 'fatal', code: 'akeyless_wrong_url' });
    expect(error.message).toContain(words);
    expect(error.remedy).toContain(`akeyless.url is ${url}; a Gateway serves this API at :8081`);
  });

  it('names the place where an answer has another shape', async () => {
    wire.routes['/target-get'] = () => ({ comment: 7 });
    wire.routes['/target-get-details'] = () => ({});
    const answer = z.object({ target: z.object({ comment: z.string() }) });
    const error = await failureOf(client.call(read, answer, (api, token) => api.targetGet({ token })));
    expect(error).toMatchObject({ code: 'akeyless_unexpected_answer' });
    expect(error.message).toContain('target');
  });
});

describe('leases', () => {
  it.each([
    [null, []],
    [[], []],
    [
      [{ id: 'tmp_1', access_id: 'p-1', creation_date: '2026-11-21T23:00:00.123456789Z', host: 'gw' }, { id: 'tmp_2' }],
      [
        { id: 'tmp_1', accessId: 'p-1', createdAt: new Date('2026-11-21T23:00:00.123Z'), host: 'gw' },
        { id: 'tmp_2', accessId: null, createdAt: null, host: null },
      ],
    ],
  ])('%j', async (answer, expected) => {
    wire.routes['/dynamic-secret-tmp-creds-Get'] = () => answer;
    expect(await listLeases(client, '/slipway/shop', AbortSignal.timeout(1_000))).toEqual(expected);
  });
});

describe('addressAdvice', () => {
  it.each([
    ['https://gw.example.com:8000', 'https://gw.example.com:8000/api/v2'],
    ['https://gw.example.com:8000/v2', 'https://gw.example.com:8000/api/v2'],
    ['https://gw.example.com:8080', 'https://gw.example.com:8080/v2'],
    ['https://gw.example.com:8081/v2', 'at https://gw.example.com:8081: set'],
    ['https://gw.example.com:8000/api/v2', ':8081, :8080/v2 and :8000/api/v2'],
    ['https://gw.example.com', ':8081, :8080/v2 and :8000/api/v2'],
  ])('%s', (url, advice) => {
    expect(addressAdvice(url)).toContain(advice);
  });
});
