import { Failure } from '../setup/failure.mjs';
import { freePort, keepPort } from './ports.mjs';

const DEFAULT_PORT = 3000;
const OFF = new Set(['0', 'off', 'false', 'no']);

/**
 * Whether the sandbox stands in for GitHub, Akeyless, Argo CD and Kubernetes: by default, unless SLIPWAY_SANDBOX says
 * no, or a configuration of one's own (SLIPWAY_CONFIG) names the real ones.
 */
export function usesSandbox() {
  const asked = process.env.SLIPWAY_SANDBOX?.toLowerCase();
  return asked === undefined || asked === '' ? !process.env.SLIPWAY_CONFIG : !OFF.has(asked);
}

/**
 * Where the api listens and how others reach it: `{ host, port, publicUrl }`. A PORT that was asked for and is taken is
 * a failure; the usual one is stepped around.
 */
export async function apiAddress(home) {
  const host = process.env.HOST || '127.0.0.1';
  const asked = process.env.PORT ? Number(process.env.PORT) : undefined;
  if (asked !== undefined && !(Number.isInteger(asked) && asked >= 0 && asked <= 65_535)) {
    throw new Failure('PORT_INVALID', `PORT is ${JSON.stringify(process.env.PORT)}, which is no port.`, { advice: 'Use a number from 1 to 65535.' });
  }
  if (asked && (await freePort(asked, host)) === undefined) {
    throw new Failure('PORT_TAKEN', `Port ${asked} on ${host}, asked for by PORT, is in use.`, {
      advice: `Stop what listens there (\`lsof -i :${asked}\` names it), or leave PORT unset to have a free one chosen.`,
    });
  }
  const port = asked || (await keepPort(home, 'api', { preferred: DEFAULT_PORT, host }));
  return { host, port, publicUrl: `http://${reachable(host)}:${port}` };
}

/** Every address of the machine is none to write into a link. */
function reachable(host) {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}

/** How many worker processes `npm start` runs: two, so that one of them may be killed. */
export function workerNames() {
  const asked = Number(process.env.SLIPWAY_WORKERS || 2);
  if (!(Number.isInteger(asked) && asked >= 1 && asked <= 16)) {
    throw new Failure('WORKERS_INVALID', `SLIPWAY_WORKERS is ${JSON.stringify(process.env.SLIPWAY_WORKERS)}.`, { advice: 'Use a number from 1 to 16.' });
  }
  return Array.from({ length: asked }, (_, index) => `worker-${index + 1}`);
}
