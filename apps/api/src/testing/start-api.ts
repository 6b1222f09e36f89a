import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createTestDatabase, type TestDatabase } from '@slipway/persistence/testing';
import { stringify } from 'yaml';
import { createApp } from '../create-app.js';
import { readEnvironment } from '../environment.js';
import { openRuntime } from '../open-runtime.js';
import { deployTemplate } from './deploy-template.js';

/** The real api on a database of its own, as main.ts starts it; `DATABASE_URL` and `REDIS_URL` name the servers. */
export interface StartedApi {
  url: string;
  database: TestDatabase;
  redisUrl: string;
  /** A bearer token of the client with the role admin, and of one without a team. */
  adminToken: string;
  memberToken: string;
  /** Answers with `authorization` of the admin unless `init` has another. */
  call(route: string, init?: CallInit): Promise<Answer>;
  /** `GET /v1/actions/:action` and so on: all but the web app's catch-all. */
  routes(): string[];
  close(): Promise<void>;
}

export interface CallInit {
  method?: string;
  headers?: Record<string, string>;
  body?: unknown;
  /** Sends no authorization of its own. */
  anonymous?: boolean;
}

export interface Answer {
  status: number;
  headers: Headers;
  /** Parsed where it is JSON. */
  body: any; // eslint-disable-line @typescript-eslint/no-explicit-any -- specs look into answers of every shape
  text: string;
}

export const clientSecret = 'a client secret of the specs';
export const webhookSecret = 'a webhook secret of the specs';
export const developer = { email: 'dana@example.com', name: 'Dana', team: 'platform' };

/** `goldenPath`: files beside `deploy/template.yaml`, by their path. `sources`: further template sources, `more`: further keys, as configured. */
export async function startApi(goldenPath: Record<string, string> = {}, sources: object[] = [], more: object = {}): Promise<StartedApi> {
  const redisUrl = process.env['REDIS_URL'];
  if (!redisUrl) throw new Error('REDIS_URL is not set: run the tests with `npm test`, or name a Redis server.');
  const database = await createTestDatabase();
  const folder = await mkdtemp(path.join(tmpdir(), 'slipway-api-'));
  const environment = readEnvironment({
    PORT: '0',
    DATABASE_URL: database.url,
    REDIS_URL: redisUrl,
    SLIPWAY_CONFIG: await writeInstallation(folder, goldenPath, sources, more),
    SLIPWAY_KEY: `file:${path.join(folder, 'key')}`,
    LOG_LEVEL: process.env['SLIPWAY_SPEC_LOG'] ?? 'silent',
  });
  const { runtime, close } = await openRuntime(environment, (reason) => {
    throw new Error(reason);
  });
  runtime.webFolder = path.join(folder, 'web');
  const routes: string[] = [];
  const app = await createApp(runtime, { onRoute: (method, route) => routes.push(`${method} ${route}`) });
  await app.listen(environment.PORT, environment.HOST);
  const url = `http://127.0.0.1:${(app.getHttpServer().address() as AddressInfo).port}`;
  const adminToken = await tokenOf(url, 'spec-admin');
  return {
    url,
    database,
    redisUrl,
    adminToken,
    memberToken: await tokenOf(url, 'spec-member'),
    call: (route, init = {}) =>
      call(url + route, init.anonymous ? init : { ...init, headers: { authorization: `Bearer ${adminToken}`, ...init.headers } }),
    routes: () => routes,
    async close() {
      await app.close();
      await close();
      await database.drop();
      await rm(folder, { recursive: true });
    },
  };
}

async function writeInstallation(folder: string, goldenPath: Record<string, string>, sources: object[], more: object): Promise<string> {
  const write = async (name: string, text: string): Promise<string> => {
    const file = path.join(folder, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, text, { mode: 0o600 });
    return file;
  };
  const secret = async (name: string, value: string): Promise<string> => `file:${await write(name, value)}`;
  const reference = await secret('client', clientSecret);
  await secret('key', 'a sealing key of the specs, and of nothing else');
  await write('path/deploy/template.yaml', deployTemplate);
  for (const [name, content] of Object.entries(goldenPath)) await write(path.join('path', name), content);
  await write('web/assets/app.js', 'export {};\n');
  await write('web/index.html', '<!doctype html><title>web app</title>\n');
  const config = {
    publicUrl: 'http://slipway.example.com/',
    clients: [
      { id: 'spec-admin', secret: reference, roles: ['admin'] },
      { id: 'spec-member', secret: reference, roles: ['member'], team: 'others' },
    ],
    users: [developer],
    templates: [{ path: 'path' }, ...sources],
    integrations: { github: { org: 'acme', token: reference, webhookSecret: await secret('webhook', webhookSecret) } },
    ...more,
  };
  return write('config.yaml', stringify(config));
}

async function tokenOf(url: string, clientId: string): Promise<string> {
  const answer = await call(`${url}/v1/auth/access_token`, { method: 'POST', body: { clientId, clientSecret } });
  return answer.body.accessToken;
}

async function call(url: string, init: CallInit): Promise<Answer> {
  const raw = typeof init.body === 'string' || init.body === undefined || init.body instanceof Uint8Array;
  const response = await fetch(url, {
    method: init.method ?? 'GET',
    redirect: 'manual',
    headers: { ...(init.body === undefined ? {} : { 'content-type': 'application/json' }), ...init.headers },
    body: (raw ? init.body : JSON.stringify(init.body)) as string | undefined,
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('application/json') ?? false;
  return { status: response.status, headers: response.headers, text, body: isJson ? JSON.parse(text) : undefined };
}
