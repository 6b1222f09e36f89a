import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { failureOf } from '@slipway/engine/testing';
import { logIn } from './log-in.js';

const credential = { id: 'tmp_1', user: 'tmp_user', password: 'tmp-Password.1', ttlMinutes: 60 };

it('ends with the signal where the database accepts a connection and says nothing, and says no more than where', async () => {
  const accepted: Socket[] = [];
  const server = createServer((socket) => accepted.push(socket)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const cancel = new AbortController();
  const failing = failureOf(logIn({ host: '127.0.0.1', port }, credential, undefined, cancel.signal));
  await once(server, 'connection');
  cancel.abort();
  const error = await failing;
  expect(error).toMatchObject({ classification: 'retry', code: 'akeyless_login_failed', remedy: expect.any(String) });
  expect(`${error.message} ${error.stack ?? ''}`).not.toMatch(/tmp_user|tmp-Password/);
  for (const socket of accepted) socket.destroy();
  await new Promise((done) => server.close(done));
});
