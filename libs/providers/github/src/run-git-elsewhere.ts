import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Answered, Asked, GitCommand, GitOutcome } from './git-starter.js';

/**
 * Has git started by a small process that is kept for it. Node starts a process by `fork`, which holds this one up while the tables
 * of its memory are copied: 15 ms from a worker at work, 1.5 from a process that does nothing else, and as much again when git begins.
 * Once the signal fires git is told to end, and this answers when it is.
 */
export async function runGitElsewhere(command: GitCommand, signal: AbortSignal): Promise<GitOutcome> {
  if (signal.aborted) return stopped('stopped before it began');
  starter = starter?.isThere() ? starter : new GitStarter();
  return starter.run(command, signal);
}

let starter: GitStarter | null = null;

class GitStarter {
  /** It needs nothing of ours: git is given its environment with each command. */
  private readonly child: ChildProcess = fork(program(), [], { env: {}, execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  private readonly waiting = new Map<number, (outcome: GitOutcome) => void>();
  private lastId = 0;
  private isGone = false;

  constructor() {
    this.child.on('message', ({ id, outcome }: Answered) => this.settle(id, outcome));
    for (const end of ['exit', 'error', 'disconnect']) this.child.on(end, () => this.breakOff());
  }

  isThere(): boolean {
    return !this.isGone && this.child.connected;
  }

  async run(command: GitCommand, signal: AbortSignal): Promise<GitOutcome> {
    const id = (this.lastId += 1);
    const stop = () => this.send({ id });
    signal.addEventListener('abort', stop, { once: true });
    this.child.ref();
    this.child.channel?.ref();
    try {
      return await new Promise((resolve) => {
        this.waiting.set(id, resolve);
        this.send({ id, command });
      });
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  /** Where it cannot be sent any more, the process is gone, and whoever waits for it learns of that. */
  private send(asked: Asked): void {
    this.child.send(asked, (error) => error && this.breakOff());
  }

  private settle(id: number, outcome: GitOutcome): void {
    this.waiting.get(id)?.(outcome);
    this.waiting.delete(id);
    if (this.waiting.size === 0) this.rest();
  }

  /** Nobody waits for it: this process may end, and it ends too. */
  private rest(): void {
    this.child.unref();
    this.child.channel?.unref();
  }

  private breakOff(): void {
    this.isGone = true;
    for (const id of [...this.waiting.keys()]) this.settle(id, stopped('the process that started it ended before it'));
  }
}

/** Whatever it did until then. */
function stopped(message: string): GitOutcome {
  return { stdout: '', stderr: '', failure: { message, missing: false, stopped: true } };
}

/** Compiled it lies beside this file; under a test runner that compiles in memory only its source does, which Node reads itself. */
function program(): string {
  return fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? './git-starter.ts' : './git-starter.js', import.meta.url));
}
