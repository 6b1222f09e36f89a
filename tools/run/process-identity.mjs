import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

/**
 * When a process began, as the system tells it, or undefined where no such process runs (a zombie does not). A number
 * alone names no process for long: numbers are used again, a number with its beginning is not.
 */
export function processStart(pid) {
  return process.platform === 'linux' ? startFromProc(pid) : startFromPs(pid);
}

/** proc(5): after the command in parentheses come the state (field 3) and, as field 22, the start time in clock ticks. */
function startFromProc(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

function startFromPs(pid) {
  const answer = spawnSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { encoding: 'utf8' });
  const [state, ...start] = (answer.stdout ?? '').trim().split(/\s+/);
  return !state || state.startsWith('Z') ? undefined : start.join(' ');
}

/** `{ pid, start }`: a process that can be recognised later. */
export function identify(pid) {
  return { pid, start: processStart(pid) };
}

export function isAlive({ pid, start }) {
  return start !== undefined && processStart(pid) === start;
}

/** The process that started a process, or undefined. */
export function parentOf(pid) {
  if (process.platform === 'linux') {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) || undefined;
    } catch {
      return undefined;
    }
  }
  return Number(spawnSync('ps', ['-o', 'ppid=', '-p', String(pid)], { encoding: 'utf8' }).stdout) || undefined;
}

/** The command line of a process, or '' where it cannot be read. */
export function commandOf(pid) {
  if (process.platform === 'linux') {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
    } catch {
      return '';
    }
  }
  return (spawnSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).stdout ?? '').trim();
}

/** Stops a process that is not our child: `signal`, after `graceMs` SIGKILL. Answers once it is gone. */
export async function terminate(identity, { signal = 'SIGTERM', graceMs = 15_000 } = {}) {
  if (!isAlive(identity)) return;
  sendSignal(identity.pid, signal);
  if (await isGoneWithin(identity, graceMs)) return;
  sendSignal(identity.pid, 'SIGKILL');
  await isGoneWithin(identity, 5_000);
}

async function isGoneWithin(identity, milliseconds) {
  const deadline = performance.now() + milliseconds;
  while (isAlive(identity)) {
    if (performance.now() > deadline) return false;
    await pause(25);
  }
  return true;
}

/** Sends a signal; a process that has just ended is no error. */
export function sendSignal(pid, signal) {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}
