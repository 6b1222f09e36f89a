import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { startSandbox } from '@slipway/engine/testing';
import { createTestDatabase } from '../../libs/persistence/src/testing/test-database.js';
import { type Stores, startStores } from '../engine/stores.js';
import { ApiClient } from '../product/api-client.js';
import { freePort } from '../product/free-port.js';
import { until } from '../product/until.js';

type StartedSandbox = Awaited<ReturnType<typeof startSandbox>>;

const root = path.join(import.meta.dirname, '../..');

/** Api and worker as they ship, on stores of their own and beside the sandbox's cluster, with a golden path of the test. */
export interface SecretsInstallation {
  api: ApiClient;
  stores: Stores;
  databaseUrl: string;
  sandbox: StartedSandbox;
  /** Beside the data of the stores: its logs, and what its processes keep. */
  folder: string;
  close(): Promise<void>;
}

/** `registryToken` is what the installation gives every template as a secret of its environment. */
export async function openInstallation(registryToken: string): Promise<SecretsInstallation> {
  const stores = await startStores();
  const sandbox = await startSandbox();
  const database = await createTestDatabase(stores.postgres.url);
  const folder = path.join(stores.home, 'installation');
  const processes: ChildProcess[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(processes.map(end));
    await sandbox.stop();
    await database.close();
    await stores.stop();
  };
  try {
    const port = await freePort();
    const clientSecret = randomBytes(24).toString('hex');
    const env = { ...(await configure(folder, sandbox, clientSecret)), REGISTRY_TOKEN: registryToken, DATABASE_URL: database.url, REDIS_URL: stores.redis.url, PORT: String(port) };
    processes.push(start('api', folder, env), start('worker', folder, env));
    const url = `http://127.0.0.1:${port}`;
    await until('the api is ready', async () => (await fetch(`${url}/health/ready`).catch(() => null))?.ok, 110_000);
    const api = await ApiClient.signIn({ url, clientId: 'e2e', clientSecret });
    for (const action of ['connect', 'equip']) {
      await until('the template is offered', async () => (await api.call('GET', `/v1/actions/${action}`)).status === 200);
    }
    return { api, stores, databaseUrl: database.url, sandbox, folder, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function configure(folder: string, sandbox: StartedSandbox, clientSecret: string): Promise<Record<string, string>> {
  mkdirSync(path.join(folder, 'logs'), { recursive: true });
  const config = path.join(folder, 'slipway.yaml');
  const text = JSON.stringify({
    publicUrl: 'http://127.0.0.1',
    clients: [{ id: 'e2e', secret: 'env:CLIENT_SECRET', roles: ['admin'] }],
    templates: [{ path: path.join(import.meta.dirname, 'golden-path') }],
    environment: { parameters: { region: 'eu-central' }, secrets: { REGISTRY_TOKEN: 'env:REGISTRY_TOKEN' } },
    integrations: { kubernetes: { kubeconfig: sandbox.kubeconfig } },
  });
  await writeFile(config, text);
  const key = randomBytes(32).toString('base64');
  return { SLIPWAY_CONFIG: config, SLIPWAY_HOME: folder, SLIPWAY_KEY: 'env:SEALING_KEY', SEALING_KEY: key, CLIENT_SECRET: clientSecret, LOG_LEVEL: 'trace' };
}

function start(name: 'api' | 'worker', folder: string, env: Record<string, string>): ChildProcess {
  const log = openSync(path.join(folder, 'logs', `${name}.log`), 'a');
  const child = spawn(process.execPath, [path.join(root, `apps/${name}/dist/main.js`)], { env: { PATH: process.env['PATH'], ...env }, stdio: ['ignore', log, log] });
  closeSync(log);
  return child;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  await gone;
}
