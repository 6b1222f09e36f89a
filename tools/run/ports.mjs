import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { writePrivateFile } from './secret-file.mjs';

/**
 * A port for `name` on `host`: the one kept in `ports.json` of the data folder, since links hold it; else `preferred`;
 * each only if it is free, and else one that the system chooses. What was chosen is kept.
 */
export async function keepPort(home, name, { preferred = 0, host = '127.0.0.1' } = {}) {
  const file = path.join(home, 'ports.json');
  const kept = readPorts(file);
  for (const candidate of [kept[name], preferred, 0]) {
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
