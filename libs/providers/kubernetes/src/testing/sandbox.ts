import { fork } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { z } from 'zod';

const MAIN = resolve(import.meta.dirname, '../../../../../apps/sandbox/dist/main.js');
const START_DEADLINE_MS = 60_000;

const Connection = z.object({
  kubernetes: z.object({ url: z.url(), token: z.string(), ca: z.string() }),
  control: z.url(),
});

/** The sandbox as a process of its own, and a second way to its API server, past the client under test. */
export interface Sandbox {
  kubeconfig: string;
  token: string;
  server: string;
  api(method: string, path: string, body?: unknown): Promise<{ status: number; body: Record<string, unknown> }>;
  fault(faults: object[]): Promise<void>;
  stop(): Promise<void>;
}

export async function startSandbox(): Promise<Sandbox> {
  const home = await mkdtemp(join(tmpdir(), 'slipway-kubernetes-'));
  // As root, MariaDB runs as another user: it may pass through, so that its data lies in here too and goes with the rest.
  await chmod(home, 0o711);
  const child = fork(MAIN, { env: { ...process.env, SANDBOX_HOME: home }, silent: true });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const exited = new Promise<void>((done) => child.once('exit', () => done()));
  await ready(child, exited, () => output);
  const { kubernetes, control } = Connection.parse(JSON.parse(await readFile(join(home, 'sandbox.json'), 'utf8')));
  const ca = await pemOf(kubernetes.ca);
  const agent = new Agent({ ca, keepAlive: true });
  return {
    kubeconfig: await writeKubeconfig(home, { ...kubernetes, ca }),
    token: kubernetes.token,
    server: kubernetes.url,
    api: (method, path, body) => call(agent, kubernetes, method, path, body),
    async fault(faults) {
      await fetch(new URL('/faults', control), {
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(faults),
      });
    },
    async stop() {
      agent.destroy();
      child.kill('SIGTERM');
      await exited;
      await rm(home, { recursive: true, force: true });
    },
  };
}

async function ready(child: ReturnType<typeof fork>, exited: Promise<void>, output: () => string): Promise<void> {
  const { promise, resolve: done, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(() => reject(new Error(`The sandbox was not ready in time.\n${output()}`)), START_DEADLINE_MS);
  child.on('message', (message) => {
    if (typeof message === 'object' && 'ready' in message) done();
  });
  void exited.then(() => reject(new Error(`The sandbox ended.\n${output()}`)));
  await promise.finally(() => clearTimeout(timer));
}

/** A certificate, or the path of one. */
async function pemOf(ca: string): Promise<string> {
  return ca.includes('-----BEGIN') ? ca : readFile(ca, 'utf8');
}

/** JSON is YAML too. */
async function writeKubeconfig(home: string, { url, token, ca }: z.infer<typeof Connection>['kubernetes']): Promise<string> {
  const file = join(home, 'test-kubeconfig');
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'test',
    clusters: [{ name: 'test', cluster: { server: url, 'certificate-authority-data': Buffer.from(ca).toString('base64') } }],
    users: [{ name: 'test', user: { token } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
  };
  await writeFile(file, JSON.stringify(config), { mode: 0o600 });
  return file;
}

function call(
  agent: Agent,
  { url, token }: { url: string; token: string },
  method: string,
  path: string,
  body?: unknown,
): Promise<{ status: number; body: Record<string, unknown> }> {
  return new Promise((done, reject) => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const sent = request(new URL(path, url), { agent, method, headers }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.on('end', () =>
        done({ status: response.statusCode ?? 0, body: JSON.parse(text || '{}') as Record<string, unknown> }),
      );
    });
    sent.on('error', reject);
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
