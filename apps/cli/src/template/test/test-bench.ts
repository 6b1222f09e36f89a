import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Composition, compose, inMemory } from '@slipway/composition';
import { type EngineDependencies, Integrations, Sealer, systemClock } from '@slipway/engine';
import { MemoryRunStore, type SandboxDescription, startSandbox } from '@slipway/engine/testing';
import { type ArchiveStore, createEvaluator, createWorkspaces } from '@slipway/templating';
import { stringify } from 'yaml';
import { CannotGoOn } from '../../wrong-use.js';
import { SandboxControl } from './sandbox-control.js';

/** A sandbox of its own, the product's providers pointed at it, and the engine in this very process: no portal, no account. */
export interface TestBench {
  composition: Composition;
  engine: EngineDependencies & { store: MemoryRunStore; sealer: Sealer };
  archives: ArchiveStore;
  sandbox: SandboxControl;
  close(): Promise<void>;
}

export async function openTestBench(): Promise<TestBench> {
  const folder = await mkdtemp(path.join(tmpdir(), 'slipway-test-'));
  const sandbox = await startSandbox().catch(async (error: Error) => {
    await rm(folder, { recursive: true, force: true });
    throw new CannotGoOn(`${error.message.trim()}\nThe sandbox needs git and MariaDB; apps/sandbox/README.md says what else.`);
  });
  const close = async (): Promise<void> => {
    await sandbox.stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const composition = await compose(await writeConfiguration(folder, sandbox.description, sandbox.kubeconfig), inMemory());
    const archives = memoryArchives();
    const engine = engineFor(composition, archives, path.join(folder, 'work'));
    return { composition, engine, archives, sandbox: new SandboxControl(sandbox.description.control), close };
  } catch (error) {
    await close();
    throw error;
  }
}

function engineFor(composition: Composition, archives: ArchiveStore, folder: string): TestBench['engine'] {
  const { registry, resolveSecret, processSecrets } = composition;
  return {
    ...{ registry, resolveSecret, processSecrets, sealer: new Sealer([randomBytes(32).toString('base64')]) },
    store: new MemoryRunStore(),
    // Whoever runs a case looks for himself when the run is due.
    queue: { enqueue: async () => undefined },
    announcer: { announce: () => undefined },
    clock: systemClock,
    evaluator: createEvaluator(),
    workspaces: createWorkspaces(archives, folder),
    integrations: new Integrations(systemClock),
    ...{ owner: `test:${process.pid}`, leaseMs: 60_000, heartbeatMs: 250, maxParallel: 8, graceMs: 5_000, settleMs: 0 },
  };
}

function memoryArchives(): ArchiveStore {
  const archives = new Map<string, Uint8Array>();
  return {
    put: async (digest, bytes) => void archives.set(digest, bytes),
    get: async (digest) => archives.get(digest) ?? null,
  };
}

/** As an installation would have it, each system a stand-in. */
async function writeConfiguration(folder: string, sandbox: SandboxDescription, kubeconfig: string): Promise<string> {
  const { github, argocd, akeyless, mysql } = sandbox;
  await mkdir(path.join(folder, 'secrets'), { mode: 0o700 });
  const secret = async (name: string, value: string): Promise<string> => {
    const file = path.join(folder, 'secrets', name);
    await writeFile(file, value, { mode: 0o600 });
    return `file:${file}`;
  };
  const token = await secret('github', github.token);
  const integrations = {
    github: {
      ...{ url: github.url, apiUrl: `${github.url}/api/v3`, org: github.org, throttle: false },
      token,
      webhookSecret: await secret('webhook', 'nobody sends any here'),
    },
    kubernetes: { kubeconfig, registries: { 'ghcr.io': { username: 'slipway-bot', password: token } } },
    argocd: { url: argocd.url, username: argocd.username, password: await secret('argocd', argocd.password) },
    akeyless: { url: akeyless.url, accessId: akeyless.accessId, accessKey: await secret('akeyless', akeyless.accessKey), access: akeyless.access, databases: mysql },
  };
  const file = path.join(folder, 'config.yaml');
  await writeFile(file, stringify({ publicUrl: 'http://127.0.0.1', integrations }));
  return file;
}
