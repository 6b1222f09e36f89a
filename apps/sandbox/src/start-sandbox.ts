import { closeSync, openSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createAkeyless } from './akeyless/create-akeyless.js';
import { argoWebhook, createArgoCd } from './argocd/create-argocd.js';
import { Clock } from './core/clock.js';
import type { Config } from './core/config.js';
import type { SandboxContext } from './core/context.js';
import { type Background, createControlApi } from './core/control-api.js';
import { Faults } from './core/faults.js';
import { lockHome } from './core/lock-home.js';
import { choosePorts } from './core/ports.js';
import { writePrivateFile } from './core/private-file.js';
import { RequestLog } from './core/request-log.js';
import { createServer, type Traffic } from './core/serve.js';
import { Store } from './core/store.js';
import { ExternalSecretsOperator } from './external-secrets/operator.js';
import { createGitHub } from './github/create-github.js';
import { PublishedImages } from './github/published-images.js';
import { createKubernetes } from './kubernetes/create-kubernetes.js';
import { findOrphan } from './mariadb/orphan.js';
import { choosePlace } from './mariadb/place.js';
import { chooseRunAs } from './mariadb/run-as.js';
import { startDatabase } from './mariadb/start-database.js';
import type { StandIn } from './stand-in.js';

export interface Sandbox {
  urls: Record<string, string>;
  stop(): Promise<void>;
}

type Undo = () => Promise<unknown> | void;

/** Starts every stand-in of this home, and tells where and with which credentials they are reached once all listen. */
export async function startSandbox(config: Config): Promise<Sandbox> {
  const undo: Undo[] = [];
  try {
    const urls = await start(config, undo);
    return { urls, stop: () => undoAll(undo) };
  } catch (error) {
    // Why it did not start matters more than what then would not stop.
    await undoAll(undo).catch(() => undefined);
    throw error;
  }
}

async function start(config: Config, undo: Undo[]): Promise<Record<string, string>> {
  const lock = lockHome(config.home);
  undo.push(() => lock.release());
  const connectionFile = join(config.home, 'sandbox.json');
  // Left by a sandbox that was killed, it would send others to ports where nobody listens yet.
  await rm(connectionFile, { force: true });
  const context = await createContext(config, undo);

  const database = await startDatabase(context, { port: context.ports.mysql, adminUrl: config.mysqlUrl });
  undo.push(() => database.close());
  const kubernetes = await createKubernetes(context, database, new PublishedImages(context.store));
  const kubernetesUrl = `https://${config.publicHost}:${context.ports.kubernetes}`;
  const github = createGitHub(context, { ...argoWebhook(context), events: ['push'] });
  const akeyless = createAkeyless(context, (host, port) => kubernetes.resolve(host, port), {
    cluster: { url: kubernetesUrl, ca: kubernetes.credentials.ca, reviewerToken: kubernetes.credentials.token },
    github: { issuer: github.credentials.oidcIssuer },
  });
  const { url, token, org } = github.credentials;
  const template = { url: `${url}/${org}`, type: 'git', username: 'x-access-token', password: token };
  const argocd = createArgoCd(context, kubernetes.cluster, template);

  const standIns: StandIn[] = [argocd, akeyless, github, kubernetes.standIn];
  for (const standIn of standIns) undo.push(() => standIn.close());
  const { accessId, accessKey, restricted, cluster } = akeyless.credentials;
  const secrets = [token, accessKey, restricted.accessKey, cluster.accessKey, argocd.credentials.password, kubernetes.credentials.token];
  const traffic = createTraffic(context, secrets);
  const operator = new ExternalSecretsOperator(kubernetes.cluster, context.clock, { url: akeyless.credentials.url, ...cluster });
  undo.push(() => operator.close());
  const background = { state: async () => ({ mysql: await database.state() }), reset: () => operator.seed() };
  await listen(standIns, traffic, context, undo, background);
  await operator.start();
  argocd.start();

  const controlUrl = `http://${config.publicHost}:${context.ports.control}`;
  const connection = {
    github: github.credentials,
    akeyless: { url: akeyless.credentials.url, accessId, accessKey, access: akeyless.methods },
    argocd: argocd.credentials,
    kubernetes: { url: kubernetesUrl, token: kubernetes.credentials.token, ca: kubernetes.credentials.ca },
    mysql: { host: database.host, port: database.port },
    control: controlUrl,
  };
  await writePrivateFile(join(config.home, 'kubeconfig'), await readFile(kubernetes.credentials.kubeconfig, 'utf8'));
  undo.push(() => rm(connectionFile, { force: true }));
  await writePrivateFile(connectionFile, `${JSON.stringify(connection, null, 2)}\n`);
  return {
    github: url,
    akeyless: akeyless.credentials.url,
    argocd: argocd.credentials.url,
    kubernetes: kubernetesUrl,
    control: controlUrl,
  };
}

async function createContext(config: Config, undo: Undo[]): Promise<SandboxContext> {
  const ports = await choosePorts(config.home, config.host, config.ports, (await databaseLeftBehind(config)) ? ['mysql'] : []);
  const store = openStore(config.home);
  undo.push(() => store.close());
  const clock = new Clock(store.collection('clock'));
  undo.push(() => clock.stop());
  return { home: config.home, host: config.host, publicHost: config.publicHost, ports, store, clock, faults: new Faults() };
}

/** Whether the MariaDB of a killed sandbox still runs; it is taken over, port and all. */
async function databaseLeftBehind({ home, mysqlUrl }: Config): Promise<boolean> {
  if (mysqlUrl !== undefined) return false;
  return (await findOrphan(await choosePlace(home, await chooseRunAs()))) !== undefined;
}

/** The store holds tokens; its file, and those that SQLite puts beside it, are for the owner alone. */
function openStore(home: string): Store {
  const file = join(home, 'sandbox.db');
  closeSync(openSync(file, 'a', 0o600));
  return Store.open(file);
}

function createTraffic({ store, clock, faults }: SandboxContext, secrets: readonly string[]): Traffic {
  return { store, clock, faults, log: new RequestLog(clock, () => secrets), latency: new Map() };
}

async function listen(
  standIns: readonly StandIn[],
  traffic: Traffic,
  { host, ports }: SandboxContext,
  undo: Undo[],
  background: Background,
): Promise<void> {
  const control = createControlApi(standIns, traffic, background);
  undo.push(() => control.close());
  for (const standIn of standIns) {
    const server = await createServer(standIn, traffic);
    undo.push(() => server.close());
    await server.listen({ host, port: ports[standIn.system] });
  }
  await control.listen({ host, port: ports.control });
}

/** What came last goes first. One that fails holds up none of the others. */
async function undoAll(undo: Undo[]): Promise<void> {
  const failures: unknown[] = [];
  for (const step of undo.splice(0).reverse()) {
    try {
      await step();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw new AggregateError(failures, 'Parts of the sandbox did not stop');
}
