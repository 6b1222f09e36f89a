import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { KubeConfig } from '@kubernetes/client-node';
import { failureOf } from '@slipway/engine/testing';
import { KubernetesClient } from './client.js';
import { accessBy } from './cluster-access.js';

const servers: Server[] = [];
afterEach(() => servers.splice(0).forEach((server) => server.close()));

async function serve(answer: RequestListener): Promise<string> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function clientOf(server: string, token: string): KubernetesClient {
  const config = new KubeConfig();
  config.loadFromOptions({
    // The client sends nothing over plain HTTP unless it need not check certificates.
    clusters: [{ name: 'one', server, skipTLSVerify: true }],
    users: [{ name: 'one', token }],
    contexts: [{ name: 'one', cluster: 'one', user: 'one' }],
    currentContext: 'one',
  });
  return new KubernetesClient(accessBy(config, () => config, () => undefined));
}

const call = { doing: 'ask for its version', writes: false };

it('follows a redirect, and takes the credential nowhere else', async () => {
  const shown: Record<string, string | undefined>[] = [];
  const elsewhere = await serve((request, response) => {
    shown.push({ elsewhere: request.headers.authorization });
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ gitVersion: 'v1.34.0' }));
  });
  const server = await serve((request, response) => {
    shown.push({ server: request.headers.authorization });
    response.writeHead(307, { location: `${elsewhere}${request.url}` }).end();
  });
  expect(await clientOf(server, 'secret-token').call(call, ({ version }) => version.getCode())).toMatchObject({ gitVersion: 'v1.34.0' });
  expect(shown).toEqual([{ server: 'Bearer secret-token' }, { elsewhere: undefined }]);
});

it('says that it is the client where a token cannot be sent, and not what the token is', async () => {
  const server = await serve((_request, response) => response.end());
  const { message } = await failureOf(clientOf(server, 'secret\0token').call(call, ({ version }) => version.getCode()));
  expect(message).toMatch(/the client itself failed/);
  expect(message).not.toContain('secret');
});
