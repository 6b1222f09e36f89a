import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readNetworkFailure } from '@slipway/engine';
import { createTransport } from './transport.js';

let server: Server;
let answer: RequestListener;
let url: string;

beforeEach(async () => {
  server = createServer((request, response) => answer(request, response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
});

const question = { method: 'GET', path: '/api/v1/applications', signal: new AbortController().signal } as const;

it.each([
  ['GET', undefined, ''],
  ['DELETE', undefined, ''],
  ['POST', { name: 'Bücher' }, '{"name":"Bücher"}'],
] as const)('sends %s with the token, as JSON without a charset', async (method, body, sent) => {
  answer = (request, response) => {
    let text = '';
    request.on('data', (chunk) => (text += String(chunk)));
    request.on('end', () => {
      const { 'content-type': type, authorization, 'user-agent': agent } = request.headers;
      response.writeHead(201).end(JSON.stringify({ method: request.method, path: request.url, type, authorization, agent, text }));
    });
  };
  const { status, body: answered } = await createTransport(url)({ ...question, method, token: 't-1', body });
  expect(status).toBe(201);
  const headers = { type: 'application/json', authorization: 'Bearer t-1', agent: 'slipway' };
  expect(JSON.parse(answered)).toEqual({ method, path: question.path, ...headers, text: sent });
});

it('reads a large answer whole, and gives up on one that does not end', async () => {
  const names = Array.from({ length: 100_000 }, (_, index) => `a-rather-long-name-${index}`);
  answer = (_request, response) => response.end(JSON.stringify(names));
  expect(JSON.parse((await createTransport(url)(question)).body)).toEqual(names);
  answer = (_request, response) => {
    const more = (): void => void response.write('x'.repeat(1024 * 1024), () => response.destroyed || more());
    more();
  };
  await expect(createTransport(url)(question)).rejects.toThrow();
}, 60_000);

it.each(['before', 'within'])('ends with the signal %s the answer, for the reason that it names', async (when) => {
  const stop = new AbortController();
  const broken = Promise.withResolvers<void>();
  answer = (_request, response) => {
    response.on('close', () => broken.resolve());
    if (when === 'within') response.write('{');
    setImmediate(() => stop.abort(new DOMException('It took too long.', 'TimeoutError')));
  };
  await expect(createTransport(url)({ ...question, signal: stop.signal })).rejects.toMatchObject({ name: 'TimeoutError' });
  await broken.promise;
});

it.each([
  ['unsent', () => server.close()],
  ['unknown', () => (answer = (request) => request.socket.destroy())],
])('rejects with what tells that the outcome is %s', async (outcome, prepare) => {
  prepare();
  const error: unknown = await createTransport(url)(question).catch((reason: unknown) => reason);
  expect(readNetworkFailure(error)).toMatchObject({ outcome });
});
