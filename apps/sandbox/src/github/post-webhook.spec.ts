import { createServer, type ClientRequest, type IncomingMessage, type ServerResponse, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { postWebhook } from './post-webhook.js';

const UNREACHABLE = { code: 502, status: 'failed to connect to host', headers: {}, body: '' };
let server: Server;
let url: string;
let answer: (request: IncomingMessage, response: ServerResponse) => unknown;
const open = new Set<ClientRequest>();

beforeEach(async () => {
  server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

test.each([
  [204, 'OK'],
  [302, 'Invalid HTTP Response: 302'],
  [500, 'Invalid HTTP Response: 500'],
])('what was sent comes as it was sent, and an answer of %d is told as it is', async (code, status) => {
  const received: unknown[] = [];
  answer = async (request, response) => {
    received.push(request.method, request.url, request.headers['x-github-event'], await text(request));
    response.writeHead(code, { location: '/elsewhere', 'x-two': ['a', 'b'] }).end(code === 204 ? undefined : 'größer');
  };
  const told = await postWebhook(url, { 'X-GitHub-Event': 'push' }, Buffer.from('{"ü":1}'), open);
  expect(told).toMatchObject({ code, status, headers: { location: '/elsewhere' }, body: code === 204 ? '' : 'größer' });
  expect(received).toEqual(['POST', '/hook', 'push', '{"ü":1}']);
});

test('where nobody listens, or the connection breaks, or the URL is none, there was no answer', async () => {
  answer = (_request, response) => response.writeHead(200, { 'content-length': 10 }).write('half', () => response.destroy());
  expect(await send()).toEqual(UNREACHABLE);
  answer = (request) => request.destroy();
  expect(await send()).toEqual(UNREACHABLE);
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  expect(await send()).toEqual(UNREACHABLE);
  expect(await postWebhook('ftp://example.com', {}, Buffer.from(''), open)).toEqual(UNREACHABLE);
});

test('an answer that does not come in time, or does not end, timed out', async () => {
  answer = () => undefined;
  expect(await send(50)).toEqual({ ...UNREACHABLE, code: 504, status: 'timed out' });
  answer = (_request, response) => response.writeHead(200).write('half');
  expect(await send(50)).toEqual({ ...UNREACHABLE, code: 504, status: 'timed out' });
});

test('a sandbox that stops waits for no answer', async () => {
  answer = () => open.forEach((request) => request.destroy());
  expect(await send()).toEqual(UNREACHABLE);
  expect(open.size).toBe(0);
});

function send(withinMs?: number) {
  return postWebhook(url, {}, Buffer.from('body'), open, withinMs);
}
