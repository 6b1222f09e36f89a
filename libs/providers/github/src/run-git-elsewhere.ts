import { type ChildProcess, fork } from 'node:child_process';
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Answered, Asked, GitCommand, GitOutcome } from './git-starter.js';

/**
 * Has git started by a small process that is kept for it. Node starts a process by `fork`, which holds this one up while the tables
 * of its memory are copied: 15 ms from a worker at work, 1.5 from a process that does nothing else, and as much again when git begins.
 * Once the signal fires git is told to end, and this answers when it is.
 */
export async function runGitElsewhere(command: GitCommand, signal: AbortSignal): Promise<GitOutcome> {
  return signal.aborted ? stopped('stopped before it began') : starterThatIsThere().run(command, signal);
}

/** Takes a folder of git's away in that process too: a busy disk makes whoever does so wait for 10 ms. Here where that process just ended. */
export async function removeElsewhere(folder: string): Promise<void> {
  const { failure } = await starterThatIsThere().remove(folder);
  if (failure) rmSync(folder, { recursive: true, force: true });
}

let starter: GitStarter | null = null;

function starterThatIsThere(): GitStarter {
  return (starter = starter?.isThere() ? starter : new GitStarter());
}

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
    const id = this.nextId();
    const stop = () => this.send({ id });
    signal.addEventListener('abort', stop, { once: true });
    try {
      return await this.ask({ id, command });
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  remove(folder: string): Promise<GitOutcome> {
    return this.ask({ id: this.nextId(), remove: folder });
  }

  private nextId(): number {
    return (this.lastId += 1);
  }

  private ask(asked: Asked): Promise<GitOutcome> {
    this.child.ref();
    this.child.channel?.ref();
    return new Promise((resolve) => {
      this.waiting.set(asked.id, resolve);
      this.send(asked);
    });
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
