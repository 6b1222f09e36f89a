import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import process from 'node:process';

/** One command of git, and all that it is given. */
export interface GitCommand {
  args: string[];
  env: Record<string, string>;
  cwd: string;
  input: string;
}

/** What it printed; `failure` where it did not end well. */
export interface GitOutcome {
  stdout: string;
  stderr: string;
  failure?: {
    message: string;
    /** Nothing of that name can be started here. */
    missing: boolean;
    /** Ended by us, for lack of time or because nobody waits for it any more. */
    stopped: boolean;
  };
}

/** With neither, the command of that id is to be stopped. */
export interface Asked {
  id: number;
  command?: GitCommand;
  /** A folder to take away. */
  remove?: string;
}

export interface Answered {
  id: number;
  outcome: GitOutcome;
}

const deadlineMs = 120_000;

/** A program of its own (see `runGitElsewhere`): starts git for the process that started it, and ends with that process. */
const running = new Map<number, AbortController>();

process.on('message', ({ id, command, remove }: Asked) => {
  const answer = (outcome: GitOutcome) => void process.send?.({ id, outcome } satisfies Answered);
  if (remove !== undefined) return answer(takeAway(remove));
  if (!command) return running.get(id)?.abort();
  const stopping = new AbortController();
  running.set(id, stopping);
  start(command, stopping.signal, (outcome) => {
    running.delete(id);
    answer(outcome);
  });
});

process.on('disconnect', () => {
  for (const stopping of running.values()) stopping.abort();
  process.exit();
});

// Sent to all of a group, they are for the process that started this one: it says what becomes of what is under way.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined);

function takeAway(folder: string): GitOutcome {
  try {
    rmSync(folder, { recursive: true, force: true });
    return { stdout: '', stderr: '' };
  } catch (error) {
    return { stdout: '', stderr: '', failure: { message: (error as Error).message, missing: false, stopped: false } };
  }
}

function start({ args, env, cwd, input }: GitCommand, signal: AbortSignal, end: (outcome: GitOutcome) => void): void {
  const settings = { env, cwd, signal, timeout: deadlineMs, maxBuffer: 16 * 1024 * 1024, encoding: 'utf8' as const };
  const child = execFile('git', args, settings, (error, stdout, stderr) => {
    if (!error) return end({ stdout, stderr });
    const stopped = error.killed === true || error.name === 'AbortError';
    end({ stdout, stderr, failure: { message: error.message, missing: error.code === 'ENOENT', stopped } });
  });
  // Git may end before it has read all; how it ended says what matters.
  child.stdin?.on('error', () => undefined);
  child.stdin?.end(input);
}
