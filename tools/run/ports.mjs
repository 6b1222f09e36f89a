import { randomInt } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { writePrivateFile } from './secret-file.mjs';

/**
 * Systems give each outgoing connection a port from 32,768 on (Linux) or 49,152 on (macOS). One from there could be taken
 * between our look and the service's listening, or while it is stopped.
 */
const QUIET_PORTS = [20_000, 32_000];
const TRIES = 100;

/**
 * A port for `name` on `host`: the one kept in `ports.json` of the data folder, since links hold it; else `preferred`;
 * each only if it is free, and else any. What was chosen is kept.
 */
export async function keepPort(home, name, { preferred, host = '127.0.0.1' } = {}) {
  const file = path.join(home, 'ports.json');
  const kept = readPorts(file);
  const others = Array.from({ length: TRIES }, () => randomInt(...QUIET_PORTS)).filter((port) => !Object.values(kept).includes(port));
  for (const candidate of [kept[name], preferred, ...others, 0]) {
    const port = candidate === undefined ? undefined : await freePort(candidate, host);
    if (port === undefined) continue;
    if (port !== kept[name]) writePrivateFile(file, `${JSON.stringify({ ...readPorts(file), [name]: port }, null, 2)}\n`);
    return port;
  }
  throw new Error(`No free port on ${host} for ${name}.`);
}

function readPorts(file) {
  if (!existsSync(file)) return {};
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return {};
  }
}

/** The port if it can be listened on (0: any), else undefined. */
export function freePort(port, host = '127.0.0.1') {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (error) => (['EADDRINUSE', 'EACCES'].includes(error.code) ? resolve(undefined) : reject(error)));
    probe.listen({ port, host, exclusive: true }, () => {
      const chosen = probe.address().port;
      probe.close(() => resolve(chosen));
    });
  });
}
