import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';

export class GitFailure extends Error {
  constructor(
    readonly command: string,
    readonly exitCode: number | null,
    readonly stderr: string,
  ) {
    super(`git ${command} failed: ${stderr.trim() || `exit code ${exitCode}`}`);
    this.name = 'GitFailure';
  }
}

export interface GitOptions {
  cwd?: string;
  env?: Record<string, string>;
  input?: string | Buffer;
  signal?: AbortSignal;
}

/** What git printed. @throws GitFailure on any exit code but 0. */
export async function runGit(args: readonly string[], options: GitOptions = {}): Promise<Buffer> {
  const child = startGit(args, options);
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
  // A git that ends before it read everything is told by its exit code.
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.input ?? '');
  const exitCode = await exitOf(child);
  if (exitCode !== 0) throw new GitFailure(args[0] ?? '', exitCode, Buffer.concat(stderr).toString());
  return Buffer.concat(stdout);
}

/** As runGit, as text without the final line break. */
export async function gitText(args: readonly string[], options: GitOptions = {}): Promise<string> {
  return (await runGit(args, options)).toString().replace(/\n$/, '');
}

/** A git that sees no configuration, credentials or prompts of the person who runs the sandbox. */
export function startGit(args: readonly string[], options: GitOptions = {}): ChildProcessWithoutNullStreams {
  return spawn('git', args, {
    cwd: options.cwd,
    signal: options.signal,
    stdio: 'pipe',
    env: {
      PATH: process.env['PATH'],
      LC_ALL: 'C',
      HOME: '/nonexistent',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_TERMINAL_PROMPT: '0',
      ...options.env,
    },
  });
}

/** Resolves with the exit code once all output was delivered; null where a signal ended it. */
export function exitOf(child: ChildProcessWithoutNullStreams): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code));
  });
}
