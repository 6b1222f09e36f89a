import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { MemoryRateLimiter, systemClock } from '@slipway/engine';
import { createStepRig } from '@slipway/engine/testing';
import { Application } from './application.js';
import { createArgocdClient } from './client.js';
import { ArgocdConfig } from './config.js';
import { unhealthyResources } from './unhealthy-resources.js';

it('does not put its own failure in the place of the one it explains', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  const argocd = createArgocdClient(
    ArgocdConfig.parse({ url: `http://127.0.0.1:${port}`, token: 'env:ARGOCD_TOKEN' }),
    new MemoryRateLimiter(systemClock),
  );
  const context = createStepRig({ kinds: [], secrets: { 'env:ARGOCD_TOKEN': 'the-token' } }).context();
  const degraded = Application.parse({ metadata: { name: 'shop' }, status: { health: { status: 'Degraded' } } });
  expect(await unhealthyResources(argocd, context, { name: 'shop' }, degraded)).toMatch(/why cannot be read: .*refused/);
});
