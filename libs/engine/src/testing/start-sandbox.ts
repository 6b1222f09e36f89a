import { fork, type ChildProcess } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** `sandbox.json`, as the sandbox writes it once it is ready: where the stand-ins answer and how to get in. */
export interface SandboxDescription {
  github: { url: string; token: string; org: string };
  akeyless: { url: string; accessId: string; accessKey: string };
  argocd: { url: string; username: string; password: string };
  kubernetes: { url: string; token: string; ca: string };
  mysql: { host: string; port: number };
  /** The door for tests: faults, clock, state. */
  control: string;
}

export interface Sandbox extends SandboxDescription {
  stop(): Promise<void>;
}

const readyWithinMs = 120_000;

/**
 * The stand-ins for GitHub, Argo CD, Akeyless and Kubernetes as a process of their own, on free ports and a fresh folder. It
 * must be built (`npx tsc -b apps/sandbox/tsconfig.json`). `SANDBOX_JSON` names the description of one that runs already: it
 * is used, and left running.
 */
export async function startSandbox(): Promise<Sandbox> {
  const running = process.env['SANDBOX_JSON'];
  if (running) return { ...(await readDescription(running)), stop: () => Promise.resolve() };
  const home = await mkdtemp(join(tmpdir(), 'slipway-sandbox-'));
  const main = resolve(import.meta.dirname, '../../../../apps/sandbox/dist/main.js');
  const child = fork(main, [], {
    env: { ...process.env, SANDBOX_HOME: home },
    execArgv: [],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const stop = async (): Promise<void> => {
    await ended(child);
    await rm(home, { recursive: true, force: true });
  };
  try {
    await ready(child);
    return { ...(await readDescription(join(home, 'sandbox.json'))), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function ready(child: ChildProcess): Promise<void> {
  const printed: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => printed.push(chunk.toString()));
  const said = (): string => printed.join('').slice(-2_000);
  return new Promise((done, fail) => {
    const timer = setTimeout(
      () => fail(new Error(`The sandbox is not ready after ${readyWithinMs / 1000} s: ${said()}`)),
      readyWithinMs,
    );
    child.once('exit', (code) => fail(new Error(`The sandbox ended with code ${code} before it was ready: ${said()}`)));
    child.on('message', (message) => {
      if (typeof message === 'object' && message !== null && 'ready' in message) done();
    });
    child.once('exit', () => clearTimeout(timer));
    child.once('message', () => clearTimeout(timer));
  });
}

/** It stops by itself within three seconds; whatever hangs is ended. */
function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((done) => {
    const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
    child.once('exit', () => {
      clearTimeout(timer);
      done();
    });
    child.kill('SIGTERM');
  });
}

async function readDescription(path: string): Promise<SandboxDescription> {
  return JSON.parse(await readFile(path, 'utf8')) as SandboxDescription;
}
