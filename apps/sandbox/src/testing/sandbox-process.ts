import { type ChildProcess, spawn } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Connection {
  github: {
    url: string;
    token: string;
    org: string;
    app: { id: number; clientId: string; installationId: number; privateKey: string };
    oidcIssuer: string;
  };
  akeyless: { url: string; accessId: string; accessKey: string };
  argocd: { url: string; username: string; password: string };
  kubernetes: { url: string; token: string; ca: string };
  mysql: { host: string; port: number };
  control: string;
}

const READY_WITHIN_MS = 60_000;

/** A sandbox as everyone else runs it: the compiled program in a process of its own, on free ports, in a folder of its own. */
export class SandboxProcess {
  connection!: Connection;
  #child: ChildProcess | undefined;

  static async start(): Promise<SandboxProcess> {
    const home = await mkdtemp(join(tmpdir(), 'sandbox-test-'));
    // As root, MariaDB runs as another user: it must be able to enter, or its data lies elsewhere and is never removed.
    await chmod(home, 0o711);
    const sandbox = new SandboxProcess(home);
    await sandbox.start();
    return sandbox;
  }

  private constructor(readonly home: string) {}

  async start(): Promise<void> {
    const program = join(import.meta.dirname, '../../dist/main.js');
    const child = spawn(process.execPath, [program], {
      env: { PATH: process.env['PATH'], SANDBOX_HOME: this.home },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.#child = child;
    await readiness(child);
    this.connection = JSON.parse(await readFile(join(this.home, 'sandbox.json'), 'utf8')) as Connection;
  }

  /** Sends the signal, and gives the exit code once the process has ended; null where the signal itself ended it. */
  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<number | null> {
    const child = this.#child;
    this.#child = undefined;
    if (!child || child.exitCode !== null) return child?.exitCode ?? null;
    const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
    child.kill(signal);
    return ended;
  }

  async remove(): Promise<void> {
    await this.stop();
    await rm(this.home, { recursive: true, force: true });
  }

  async control(method: string, path: string, body?: unknown): Promise<unknown> {
    const response = await fetch(`${this.connection.control}${path}`, {
      method,
      ...(body !== undefined && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  }
}

function readiness(child: ChildProcess): Promise<void> {
  let output = '';
  child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  return new Promise((resolve, reject) => {
    const fail = (why: string) => reject(new Error(`The sandbox ${why}:\n${output}`));
    const deadline = setTimeout(() => fail('was not ready in time'), READY_WITHIN_MS);
    child.once('exit', (code) => fail(`ended with ${code} before it was ready`));
    child.once('message', () => {
      clearTimeout(deadline);
      child.removeAllListeners('exit');
      resolve();
    });
  });
}
