import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { MemoryRateLimiter, systemClock } from '@slipway/engine';
import { createStepRig, failureOf } from '@slipway/engine/testing';
import { z } from 'zod';
import { createArgocdClient } from './client.js';
import { ArgocdConfig } from './config.js';

let server: Server;
let answer: RequestListener;
let asked: string[];

beforeEach(async () => {
  asked = [];
  server = createServer((request, response) => {
    asked.push(request.url ?? '');
    answer(request, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
});

const password = 'the-Password.1';

/** A read of an application, by an account with a password. */
async function failure(signal?: AbortSignal) {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const argocd = createArgocdClient(
    ArgocdConfig.parse({ url, username: 'slipway', password: 'env:ARGOCD_PASSWORD' }),
    new MemoryRateLimiter(systemClock),
  );
  const context = createStepRig({ kinds: [], secrets: { 'env:ARGOCD_PASSWORD': password } }).context(signal && { signal });
  const call = { what: 'look at the application shop', method: 'GET', path: '/applications/shop', answer: z.object({}) } as const;
  return failureOf(argocd.call(context, call));
}

describe('a call', () => {
  it('says that something else answers where the login brings a page', async () => {
    answer = (_request, response) => response.end('<html>Sign in with your company account</html>');
    expect(await failure()).toMatchObject({ classification: 'fatal', code: 'argocd_unreadable', remedy: expect.any(String) });
  });

  it('follows no redirect, which would carry password or token away', async () => {
    answer = (_request, response) => response.writeHead(307, { location: '/elsewhere' }).end();
    const error = await failure();
    expect(error).toMatchObject({ classification: 'fatal', code: 'argocd_rejected', remedy: expect.stringContaining('URL') });
    expect(error.message).toContain('HTTP 307');
    expect(asked).toEqual(['/api/v1/session']);

    answer = (request, response) => {
      if (request.url === '/api/v1/session') response.end('{"token":"t-1"}');
      else response.writeHead(302, { location: '/elsewhere' }).end();
    };
    expect(await failure()).toMatchObject({ classification: 'fatal', code: 'argocd_rejected' });
    expect(asked).not.toContain('/elsewhere');
  });

  it('that waits for a login ends with the signal', async () => {
    answer = () => undefined;
    const began = Date.now();
    const error = await failure(AbortSignal.timeout(50));
    expect(error).toMatchObject({ classification: 'retry', code: 'argocd_unreachable' });
    expect(Date.now() - began).toBeLessThan(10_000);
    expect(`${error.message} ${error.stack ?? ''}`).not.toContain(password);
  });
});
