import { fork } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';

const MAIN = resolve(import.meta.dirname, '../../../../../apps/sandbox/dist/main.js');
const START_DEADLINE_MS = 60_000;
const DATABASE_DEADLINE_MS = 30_000;

const Connection = z.object({
  akeyless: z.object({ url: z.url(), accessId: z.string(), accessKey: z.string() }),
  kubernetes: z.object({ url: z.url(), token: z.string(), ca: z.string() }),
  mysql: z.object({ host: z.string(), port: z.number() }),
  control: z.url(),
});
type Connection = z.infer<typeof Connection>;

/** A database server inside the sandbox's cluster, as a target describes it. */
export interface DatabaseServer {
  host: string;
  port: number;
  username: string;
  password: string;
  database: string;
}

/** The sandbox as a process of its own, and a second way to Akeyless and to the cluster, past the client under test. */
export interface Sandbox extends Omit<Connection, 'control'> {
  /** A call of Akeyless with a token of its own; fails on any status but 200. */
  akeylessCall(path: string, body: Record<string, unknown>): Promise<unknown>;
  /** What Akeyless holds, as the control API tells it. */
  state(): Promise<{
    targets: { name: string }[];
    dynamicSecrets: { name: string }[];
    leases: { dynamicSecret: string; user: string }[];
  }>;
  startDatabase(name: string): Promise<DatabaseServer>;
  /** Zero takes its pods away; the data stays. */
  scaleDatabase(name: string, replicas: number): Promise<void>;
  advanceClock(duration: string): Promise<void>;
  fault(faults: object[]): Promise<void>;
  stop(): Promise<void>;
}

export async function startSandbox(): Promise<Sandbox> {
  const home = await mkdtemp(join(tmpdir(), 'slipway-akeyless-'));
  // As root, MariaDB runs as another user: it may pass through, so that its data lies in here too and goes with the rest.
  await chmod(home, 0o711);
  const child = fork(MAIN, { env: { ...process.env, SANDBOX_HOME: home }, silent: true });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const exited = new Promise<void>((done) => child.once('exit', () => done()));
  await ready(child, exited, () => output);
  const { control, ...connection } = Connection.parse(JSON.parse(await readFile(join(home, 'sandbox.json'), 'utf8')));
  const agent = new Agent({ ca: connection.kubernetes.ca, keepAlive: true });
  const cluster: ClusterCall = (method, path, body) => callCluster(agent, connection.kubernetes, method, path, body);
  return {
    ...connection,
    async akeylessCall(path, body) {
      const { accessId, accessKey } = connection.akeyless;
      const { token } = z
        .object({ token: z.string() })
        .parse(await post(new URL('/auth', connection.akeyless.url), { 'access-id': accessId, 'access-key': accessKey }));
      return post(new URL(path, connection.akeyless.url), { ...body, token });
    },
    async state() {
      const answer = z.object({ akeyless: State }).parse(await (await fetch(new URL('/state', control))).json());
      return answer.akeyless;
    },
    startDatabase: (name) => startDatabase(cluster, name),
    scaleDatabase: (name, replicas) => scaleDatabase(cluster, name, replicas),
    advanceClock: async (advance) => void (await put(new URL('/clock', control), { advance })),
    fault: async (faults) => void (await put(new URL('/faults', control), faults)),
    async stop() {
      agent.destroy();
      child.kill('SIGTERM');
      await exited;
      await rm(home, { recursive: true, force: true });
    },
  };
}

const State = z.object({
  targets: z.array(z.object({ name: z.string() })),
  dynamicSecrets: z.array(z.object({ name: z.string() })),
  leases: z.array(z.object({ dynamicSecret: z.string(), user: z.string() })),
});

async function ready(child: ReturnType<typeof fork>, exited: Promise<void>, output: () => string): Promise<void> {
  const { promise, resolve: done, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(() => reject(new Error(`The sandbox was not ready in time.\n${output()}`)), START_DEADLINE_MS);
  child.on('message', (message) => {
    if (typeof message === 'object' && 'ready' in message) done();
  });
  void exited.then(() => reject(new Error(`The sandbox ended.\n${output()}`)));
  await promise.finally(() => clearTimeout(timer));
}

type ClusterCall = (method: string, path: string, body?: unknown) => Promise<Record<string, unknown>>;

/** A MariaDB as a template would run it: a StatefulSet with a service in a namespace of its own. */
async function startDatabase(cluster: ClusterCall, name: string): Promise<DatabaseServer> {
  const password = `root-Password.${name}`;
  const labels = { app: 'mysql' };
  const env = [
    { name: 'MARIADB_ROOT_PASSWORD', value: password },
    { name: 'MARIADB_DATABASE', value: name },
  ];
  const template = { metadata: { labels }, spec: { containers: [{ name: 'mariadb', image: 'mariadb:11.4', env }] } };
  await cluster('POST', '/api/v1/namespaces', { metadata: { name } });
  await cluster('POST', `/api/v1/namespaces/${name}/services`, {
    metadata: { name: 'mysql' },
    spec: { selector: labels, ports: [{ port: 3306 }] },
  });
  await cluster('POST', `/apis/apps/v1/namespaces/${name}/statefulsets`, {
    metadata: { name: 'mysql' },
    spec: { replicas: 1, serviceName: 'mysql', selector: { matchLabels: labels }, template },
  });
  await untilReplicas(cluster, name, 1);
  return { host: `mysql.${name}.svc.cluster.local`, port: 3306, username: 'root', password, database: name };
}

async function scaleDatabase(cluster: ClusterCall, name: string, replicas: number): Promise<void> {
  const path = `/apis/apps/v1/namespaces/${name}/statefulsets/mysql`;
  const found = await cluster('GET', path);
  await cluster('PUT', path, { ...found, spec: { ...(found['spec'] as object), replicas } });
  await untilReplicas(cluster, name, replicas);
}

async function untilReplicas(cluster: ClusterCall, name: string, replicas: number): Promise<void> {
  const deadline = Date.now() + DATABASE_DEADLINE_MS;
  for (;;) {
    const { status } = await cluster('GET', `/apis/apps/v1/namespaces/${name}/statefulsets/mysql`);
    if (((status as { readyReplicas?: number } | undefined)?.readyReplicas ?? 0) === replicas) return;
    if (Date.now() > deadline)
      throw new Error(`The sandbox's database did not come to ${replicas} replicas: ${JSON.stringify(status)}`);
    await delay(100);
  }
}

async function post(url: URL, body: unknown): Promise<unknown> {
  return send('POST', url, body);
}

async function put(url: URL, body: unknown): Promise<unknown> {
  return send('PUT', url, body);
}

async function send(method: string, url: URL, body: unknown): Promise<unknown> {
  const answer = await fetch(url, { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${method} ${url.pathname} answered ${answer.status}: ${await answer.text()}`);
  return answer.json();
}

function callCluster(
  agent: Agent,
  { url, token }: Connection['kubernetes'],
  method: string,
  path: string,
  body?: unknown,
): Promise<Record<string, unknown>> {
  return new Promise((done, reject) => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const sent = request(new URL(path, url), { agent, method, headers }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.on('end', () => {
        if ((response.statusCode ?? 500) < 300) done(JSON.parse(text) as Record<string, unknown>);
        else reject(new Error(`${method} ${path} answered ${response.statusCode}: ${text}`));
      });
    });
    sent.on('error', reject);
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
