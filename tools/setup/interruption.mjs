// What Ctrl-C, SIGTERM, a closed terminal, or the death of whoever started us do: everything begun is ended in order,
// then the process exits. A second Ctrl-C does not wait.
import { commandOf, identify, parentOf, processStart } from '../run/process-identity.mjs';
import { say } from './terminal.mjs';

/** A terminal and npm both pass on one Ctrl-C; only a later one is a second one. */
const SAME_PRESS_MS = 400;
const LAUNCHER = 'SLIPWAY_LAUNCHER';

const endings = new Set();
let interruptedAt;
let exitStatus = 130;

/**
 * Registers what must end when we are interrupted: `end({ atOnce })`. Answers a function that takes it back. The
 * latest is ended first.
 */
export function whenInterrupted(end) {
  endings.add(end);
  return () => endings.delete(end);
}

/** The status to exit with on an interruption from now on: 0 once there is nothing left to do but serve. */
export function exitOnInterruptionWith(status) {
  exitStatus = status;
}

export function isInterrupted() {
  return interruptedAt !== undefined;
}

/** Begins to listen, once per process. */
export function listenForInterruptions() {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => interrupt());
  if (process.channel) {
    process.on('disconnect', () => interrupt());
    process.channel.unref();
  }
  watchLauncher();
}

/**
 * npm starts us and, if killed, tells nobody: its process is remembered here, for every process below. Without npm
 * nothing is watched, so that a command put in the background outlives its shell.
 */
export function rememberLauncher() {
  if (process.env[LAUNCHER] || !process.env.npm_lifecycle_event) return;
  const { pid, start } = identify(npmAbove(process.ppid));
  if (start) process.env[LAUNCHER] = `${pid}:${start}`;
}

/** npm runs a script through a shell, which some shells leave standing in between. */
function npmAbove(pid) {
  return /^(\S*\/)?(sh|dash|bash|ash) -c /.test(commandOf(pid)) ? (parentOf(pid) ?? pid) : pid;
}

/** The process whose end is ours: `{ pid, start }`, or undefined. */
export function launcher() {
  const [pid, start] = (process.env[LAUNCHER] ?? '').split(':');
  return start ? { pid: Number(pid), start } : undefined;
}

function watchLauncher() {
  const watched = launcher();
  if (!watched) return;
  const timer = setInterval(() => {
    if (processStart(watched.pid) === watched.start) return;
    clearInterval(timer);
    interrupt();
  }, 1_000);
  timer.unref();
}

async function interrupt() {
  if (interruptedAt !== undefined) {
    if (performance.now() - interruptedAt > SAME_PRESS_MS) await endAll({ atOnce: true });
    return;
  }
  interruptedAt = performance.now();
  if (endings.size > 0) say('\nStopping …');
  await endAll({ atOnce: false });
}

async function endAll({ atOnce }) {
  for (const end of [...endings].reverse()) await Promise.resolve(end({ atOnce })).catch(() => {});
  process.exit(atOnce ? 130 : exitStatus);
}
