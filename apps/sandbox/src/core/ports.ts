import { randomInt } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';

export const LISTENERS = ['github', 'akeyless', 'argocd', 'kubernetes', 'control', 'mysql'] as const;
export type Listener = (typeof LISTENERS)[number];
export type Ports = Readonly<Record<Listener, number>>;

/**
 * Systems give each outgoing connection a port from 32,768 on (Linux) or 49,152 on (macOS). One from there could be taken
 * between our look and our listening, or while we are stopped.
 */
const QUIET_PORTS = [20_000, 32_000] as const;
const TRIES = 100;

/**
 * A port for each listener: the one asked for, else the one this home used before, else a free one. Links and cloned
 * repositories hold these ports, so a port once chosen is kept in ports.json and given up only where another program took it.
 * `ours` are those that a program of this home, left behind by a killed sandbox, still listens on.
 */
export async function choosePorts(
  home: string,
  host: string,
  asked: Partial<Record<Listener, number>>,
  ours: readonly Listener[],
): Promise<Ports> {
  const file = join(home, 'ports.json');
  const kept = await readKept(file);
  const taken = new Set<number>(Object.values(asked));
  const chosen: Partial<Record<Listener, number>> = {};
  for (const listener of LISTENERS) {
    const held = ours.includes(listener) ? kept[listener] : undefined;
    const port = asked[listener] ?? held ?? (await keepOrReplace(kept[listener], host, taken));
    taken.add(port);
    chosen[listener] = port;
  }
  await writeFile(file, `${JSON.stringify(chosen, null, 2)}\n`);
  return chosen as Ports;
}

async function readKept(file: string): Promise<Partial<Record<Listener, number>>> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Partial<Record<Listener, number>>;
  } catch {
    // Absent on the first start; half-written by a crash: both mean that nothing is kept.
    return {};
  }
}

async function keepOrReplace(kept: number | undefined, host: string, taken: ReadonlySet<number>): Promise<number> {
  if (kept !== undefined && !taken.has(kept) && (await tryPort(kept, host))) return kept;
  for (let tries = 0; ; tries++) {
    const free = await tryPort(tries < TRIES ? randomInt(...QUIET_PORTS) : 0, host);
    if (free !== undefined && !taken.has(free)) return free;
  }
}

/** The port, if it could be listened on; 0 asks the operating system for one. */
function tryPort(port: number, host: string): Promise<number | undefined> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(undefined));
    probe.listen(port, host, () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : undefined));
    });
  });
}
