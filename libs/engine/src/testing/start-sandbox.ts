import { fork, type ChildProcess } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** `sandbox.json`, as the sandbox writes it once it is ready: where the stand-ins answer and how to get in. */
export interface SandboxDescription {
  github: { url: string; token: string; org: string; app: { id: number; clientId: string; installationId: number; /** PEM */ privateKey: string } };
  akeyless: {
    url: string;
    accessId: string;
    accessKey: string;
    /** How pods and workflows log in. */
    access: {
      kubernetes: { authMethod: string; accessId: string; authConfig: string; audience: string };
      github: { authMethod: string; accessId: string; audience: string };
    };
  };
  argocd: { url: string; username: string; password: string };
  kubernetes: { url: string; token: string; /** PEM */ ca: string };
  mysql: { host: string; port: number };
  /** The door for tests: faults, clock, state. */
  control: string;
}

export interface StartedSandbox {
  description: SandboxDescription;
  /** Path. */
  kubeconfig: string;
  stop(): Promise<void>;
}

export const readyWithinMs = 90_000;
export const endedWithinMs = 10_000;

const main = resolve(import.meta.dirname, '../../../../apps/sandbox/dist/main.js');

/**
 * The stand-ins for GitHub, Argo CD, Akeyless and Kubernetes as a process of their own, on free ports and in a fresh folder;
 * both are gone after `stop`, or where it does not start. It must be built (`npx tsc -b apps/sandbox/tsconfig.json`).
 */
export async function startSandbox(): Promise<StartedSandbox> {
  const home = await mkdtemp(join(tmpdir(), 'slipway-sandbox-'));
  // As root, MariaDB runs as another user: it may pass through, so that its data lies in here too and goes with the rest.
  await chmod(home, 0o711);
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
    const description = JSON.parse(await readFile(join(home, 'sandbox.json'), 'utf8')) as SandboxDescription;
    return { description, kubeconfig: join(home, 'kubeconfig'), stop };
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
    const timer = setTimeout(() => child.kill('SIGKILL'), endedWithinMs);
    child.once('exit', () => {
      clearTimeout(timer);
      done();
    });
    child.kill('SIGTERM');
  });
}
