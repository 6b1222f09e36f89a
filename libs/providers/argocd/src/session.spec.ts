import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Clock, MemoryRateLimiter, NotNow, type RateLimiter } from '@slipway/engine';
import { createStepRig, failureOf } from '@slipway/engine/testing';
import { z } from 'zod';
import { type ArgocdClient, createArgocdClient } from './client.js';
import { ArgocdConfig } from './config.js';

/** Time that passes when a test says so. */
const clock: Clock & { ms: number } = {
  ms: Date.parse('2026-01-01T00:00:00Z'),
  now: () => new Date(clock.ms),
  sleep: (ms) => {
    clock.ms += ms;
    return Promise.resolve();
  },
};

/** Counts failed log-ins as Argo CD does, by the same clock, and takes any of `good` for a token or the password. */
const argo = { failures: 0, lastFailure: 0, mostFailures: 0, logIns: 0, good: ['the-right-password'], paths: [] as string[] };

function logIn(password: string): boolean {
  argo.logIns += 1;
  if (clock.ms - argo.lastFailure > 300_000) argo.failures = 0;
  if (argo.failures >= 5) return false;
  if (argo.good.includes(password)) {
    argo.failures = 0;
    return true;
  }
  argo.failures += 1;
  argo.lastFailure = clock.ms;
  argo.mostFailures = Math.max(argo.mostFailures, argo.failures);
  return false;
}

let server: Server;
beforeEach(async () => {
  Object.assign(argo, { failures: 0, lastFailure: 0, mostFailures: 0, logIns: 0, good: ['the-right-password'], paths: [] });
  server = createServer((request, response) => {
    argo.paths.push(request.url ?? '');
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString()));
    request.on('end', () => {
      const refuse = (message: string) => response.writeHead(401).end(JSON.stringify({ error: message, code: 16, message }));
      const isLogIn = request.url?.endsWith('/session');
      const given = isLogIn ? (JSON.parse(text) as { password: string }).password : request.headers.authorization?.slice('Bearer '.length);
      if (isLogIn) return logIn(given ?? '') ? response.end('{"token":"session-token"}') : refuse('Invalid username or password');
      return given === 'session-token' || argo.good.includes(given ?? '') ? response.end('{}') : refuse('invalid session');
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
});

const url = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

/** One process. */
function client(limiter: RateLimiter): ArgocdClient {
  return createArgocdClient(ArgocdConfig.parse({ url: url(), username: 'slipway', password: 'env:ARGOCD_PASSWORD' }), limiter);
}

function ask(argocd: ArgocdClient, secret: string): Promise<unknown> {
  const secrets = { 'env:ARGOCD_PASSWORD': secret, 'env:ARGOCD_TOKEN': secret };
  const context = createStepRig({ kinds: [], secrets }).context({ clock });
  return argocd.call(context, { what: 'look', method: 'GET', path: '/applications/shop', answer: z.object({}) });
}

it('never locks the account, however many processes try a wrong password for however long', async () => {
  const limiter = new MemoryRateLimiter(clock);
  const processes = [client(limiter), client(limiter), client(limiter), client(limiter)];
  for (let seconds = 0; seconds < 3_600; seconds += 5) {
    for (const process of processes) await ask(process, 'a-wrong-password').catch(() => 'It is refused.');
    clock.ms += 5_000;
  }
  expect(argo.logIns).toBeGreaterThan(10);
  expect(argo.mostFailures).toBe(3);
});

it('tells who waits why, and goes on with the right password once the rest is over', async () => {
  const limiter = new MemoryRateLimiter(clock);
  const [one, other] = [client(limiter), client(limiter)];
  expect(await failureOf(ask(one, 'a-wrong-password'))).toMatchObject({ classification: 'fatal', code: 'argocd_unauthorized' });
  const held = await ask(other, 'the-right-password').catch((error: unknown) => error);
  expect(held).toBeInstanceOf(NotNow);
  expect(held).toMatchObject({ held: { afterMs: 30_000, reason: expect.stringContaining('env:ARGOCD_PASSWORD') } });
  expect(argo.logIns).toBe(1);
  clock.ms += 30_001;
  await ask(one, 'the-right-password');
  await ask(other, 'the-right-password');
  expect(argo.logIns).toBe(3);
});

it('takes up a token that was replaced where the reference points, between two calls and within one', async () => {
  const config = ArgocdConfig.parse({ url: `${url()}/argo-cd/`, token: 'env:ARGOCD_TOKEN' });
  const argocd = createArgocdClient(config, new MemoryRateLimiter(clock));
  argo.good = ['first-token'];
  await ask(argocd, 'first-token');
  argo.good = ['second-token'];
  expect(await failureOf(ask(argocd, 'first-token'))).toMatchObject({ code: 'argocd_unauthorized' });
  await ask(argocd, 'second-token');
  const rig = createStepRig({ kinds: [] }).context({ clock });
  const rotating = ['first-token', 'second-token'];
  const secrets = { ...rig.secrets, resolve: () => Promise.resolve(rotating.shift() ?? '') };
  await argocd.call({ ...rig, secrets }, { what: 'look', method: 'GET', path: '/applications/shop', answer: z.object({}) });
  expect(rotating).toEqual([]);
  expect(new Set(argo.paths)).toEqual(new Set(['/argo-cd/api/v1/applications/shop']));
});
