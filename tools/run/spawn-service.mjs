import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, renameSync, statSync } from 'node:fs';
import path from 'node:path';
import { makeFolder } from '../setup/folders.mjs';

const LOG_LIMIT_BYTES = 20 * 1024 * 1024;

/** The log of a service: appended to over restarts; beyond 20 MB the file becomes `<name>.log.1` at the next start. */
export function serviceLog(home, name) {
  return path.join(makeFolder(path.join(home, 'logs')), `${name}.log`);
}

/**
 * Starts a long-running program, its output in its log. It leads a process group of its own, so that Ctrl-C reaches us
 * alone and we stop things in order.
 */
export function spawnService(name, command, args, { home, channel = false, ...options }) {
  const log = openLog(serviceLog(home, name));
  try {
    const child = spawn(command, args, { detached: true, stdio: ['ignore', log, log, ...(channel ? ['ipc'] : [])], ...options });
    child.on('error', () => {});
    if (child.pid === undefined) throw new Error(`${command} cannot be started`);
    return child;
  } finally {
    closeSync(log);
  }
}

function openLog(file) {
  if (existsSync(file) && statSync(file).size > LOG_LIMIT_BYTES) renameSync(file, `${file}.1`);
  return openSync(file, 'a', 0o600);
}
