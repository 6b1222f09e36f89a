import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

const servers: Server[] = [];
const before = { ...process.env };

afterEach(() => {
  process.env = before;
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function listen(server: Server): Promise<number> {
  servers.push(server.listen(0, '127.0.0.1'));
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

it('goes to GitHub by the proxy that the environment names, but not where it says so', async () => {
  const port = await listen(createServer((_, response) => response.end('directly')));
  const asked: unknown[] = [];
  const proxy = createServer((request, response) => {
    asked.push(request.url);
    response.end('by the proxy');
  });
  process.env = { ...before, HTTP_PROXY: `http://127.0.0.1:${await listen(proxy)}`, NO_PROXY: '127.0.0.1' };
  // Read once per process: not before it is set.
  const { sendingByUndici } = await import('./send-request.js');
  const send = sendingByUndici(new AbortController().signal, 5_000);
  const textFrom = async (url: string) => (await send(url, { method: 'GET', headers: {} })).text();
  expect(await textFrom('http://api.github.invalid/zen')).toBe('by the proxy');
  expect(await textFrom(`http://127.0.0.1:${port}/zen`)).toBe('directly');
  expect(asked).toEqual(['http://api.github.invalid/zen']);
});
