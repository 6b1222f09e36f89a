import { stage } from '../setup/stage.mjs';
import { DEVELOPER, sealingKeyReference, writeConfiguration } from './configuration.mjs';
import { writeDemoFile } from './demo-file.mjs';
import { migrate } from './migrate.mjs';
import { nodeService } from './node-service.mjs';
import { ensureOrganisationWebhook } from './organisation-webhook.mjs';
import { kubeconfigPath, prepareSandbox } from './sandbox.mjs';
import { prepareSandboxPrograms } from './sandbox-programs.mjs';
import { serviceAccount } from './service-account.mjs';
import { apiAddress, usesSandbox, workerNames } from './settings.mjs';
import { accessToken, signInLink } from './sign-in-link.mjs';
import { startPostgres, startRedis } from './stores.mjs';

/**
 * Starts everything on an instance, in the order in which things need each other, and writes `demo.json`. Answers what
 * that file says.
 */
export async function startPlatform(instance) {
  const { home } = instance;
  const account = serviceAccount();
  const address = await apiAddress(home);
  instance.describe({ url: address.publicUrl });
  const databaseUrl = await startPostgres(instance, { account });
  const redisUrl = await startRedis(instance);
  await migrate(databaseUrl);
  const sandbox = usesSandbox() ? await startSandbox(instance, account) : undefined;
  const client = await configure({ home, address, sandbox });
  const env = environment({ home, address, databaseUrl, redisUrl, client, sandbox });
  await startApiAndWorkers(instance, env, address);
  return announce(instance, { address, client, databaseUrl, redisUrl, sandbox });
}

async function startSandbox(instance, account) {
  await prepareSandboxPrograms();
  return stage('Sandbox', async (note) => {
    const sandbox = prepareSandbox({ home: instance.home, account });
    await instance.start(sandbox.service);
    note(sandbox.read().github.url);
    return sandbox;
  });
}

function configure({ home, address: { publicUrl }, sandbox }) {
  return stage('Configuration', async (note) => {
    if (process.env.SLIPWAY_CONFIG) {
      note('the one of SLIPWAY_CONFIG');
      return { file: process.env.SLIPWAY_CONFIG };
    }
    const client = writeConfiguration({ home, publicUrl, sandbox: sandbox?.read() });
    if (sandbox) await ensureOrganisationWebhook({ github: sandbox.read().github, publicUrl, secret: client.webhookSecret });
    note(client.file);
    return client;
  });
}

function environment({ home, address, databaseUrl, redisUrl, client, sandbox }) {
  return {
    DATABASE_URL: databaseUrl,
    REDIS_URL: redisUrl,
    HOST: address.host,
    PORT: String(address.port),
    SLIPWAY_HOME: home,
    SLIPWAY_CONFIG: client.file,
    SLIPWAY_KEY: process.env.SLIPWAY_KEY || sealingKeyReference(home),
    SLIPWAY_SANDBOX: sandbox ? '1' : '0',
  };
}

/** At the same time: loading their modules is most of what takes time at a start, and neither needs the other. */
function startApiAndWorkers(instance, env, { host, port, publicUrl }) {
  return stage('Api and workers', async (note) => {
    const { home } = instance;
    const local = host === '0.0.0.0' || host === '::' ? `http://127.0.0.1:${port}` : publicUrl;
    const api = nodeService({ name: 'api', script: 'apps/api/dist/main.js', home, env, healthUrl: `${local}/health/ready` });
    const workers = workerNames().map((name) => nodeService({ name, script: 'apps/worker/dist/main.js', home, env: { ...env, PORT: '0' } }));
    await instance.start(api, ...workers);
    note(publicUrl);
  });
}

/** Writes `demo.json` now and again whenever a process was replaced. */
async function announce(instance, { address, client, databaseUrl, redisUrl, sandbox }) {
  const link = client.clientId ? await linkFor(address.publicUrl, client) : undefined;
  const write = () => {
    const content = {
      url: address.publicUrl,
      clientId: client.clientId,
      clientSecret: client.clientSecret,
      webhookSecret: client.webhookSecret,
      databaseUrl,
      redisUrl,
      signInUrl: link,
      kubeconfig: sandbox && kubeconfigPath(instance.home),
      processes: Object.fromEntries(['api', 'worker', 'sandbox', 'postgres', 'redis'].map((kind) => [kind, instance.pids(kind)])),
      sandbox: sandbox?.read(),
    };
    writeDemoFile(instance.home, content);
    return content;
  };
  instance.onChange(write);
  return write();
}

async function linkFor(url, { clientId, clientSecret }) {
  const token = await accessToken({ url, clientId, clientSecret });
  return signInLink({ url, token, email: DEVELOPER.email });
}
