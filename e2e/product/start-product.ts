import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { freshHome } from './fresh-home.js';
import { until } from './until.js';

const pids = z.array(z.number().int());

/** What `npm start` writes once everything is ready: the part that the journeys use. */
const DemoFile = z.object({
  url: z.string(),
  clientId: z.string(),
  clientSecret: z.string(),
  webhookSecret: z.string(),
  databaseUrl: z.string(),
  redisUrl: z.string(),
  signInUrl: z.string(),
  kubeconfig: z.string(),
  processes: z.object({ api: pids, worker: pids, sandbox: pids, postgres: pids, redis: pids }),
  sandbox: z.object({
    github: z.object({ url: z.string(), token: z.string(), org: z.string() }),
    akeyless: z.object({ url: z.string(), accessId: z.string(), accessKey: z.string() }),
    argocd: z.object({ url: z.string(), username: z.string(), password: z.string() }),
    kubernetes: z.object({ url: z.string(), token: z.string(), ca: z.string() }),
    mysql: z.object({ host: z.string(), port: z.number() }),
    control: z.string(),
  }),
});
export type DemoFile = z.infer<typeof DemoFile>;

/** The whole product as `npm start` brings it up, on a data folder of its own. */
export interface Product {
  home: string;
  demo: DemoFile;
  /** `demo.json` as it is now: pids change when a process was killed and came back. */
  current(): Promise<DemoFile>;
  stop(): Promise<void>;
}

const root = path.join(import.meta.dirname, '../..');

/** `overlay`: a YAML file laid over the configuration that is written. */
export async function startProduct({ overlay }: { overlay?: string } = {}): Promise<Product> {
  const { home, env: fresh } = await freshHome();
  const env = { ...fresh, ...(overlay && { SLIPWAY_OVERLAY: overlay }) };
  const child = spawn(process.execPath, [path.join(root, 'tools/slipway.mjs'), 'start'], { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const output: string[] = [];
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => output.push(chunk.toString()));
  const read = async (): Promise<DemoFile> => DemoFile.parse(JSON.parse(await readFile(path.join(home, 'demo.json'), 'utf8')));
  const demo = await until('the product is ready', async () => {
    if (child.exitCode !== null) throw new Error(`npm start ended with ${child.exitCode}:\n${output.join('').slice(-4_000)}`);
    return read().catch(() => null);
  }, 170_000);
  return { home, demo, current: read, stop: () => stop(child, home) };
}

async function stop(child: ChildProcess, home: string): Promise<void> {
  if (child.exitCode === null) {
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    await exited;
  }
  await rm(home, { recursive: true, force: true });
}
