import { readdir, readFile } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';

const mostLooks = 40;

/** Looks at the arguments of every process of this machine (Linux; elsewhere there is nothing to see) until it is stopped. */
export function sampleProcessArguments(): { stop(): Promise<string> } {
  const seen = new Map<string, number>();
  const lines = new Set<string>();
  let stopped = false;
  const sampling = (async () => {
    while (!stopped) {
      await look(seen, lines);
      // Does not keep a test alive that failed before it could stop this.
      await setTimeout(5, undefined, { ref: false });
    }
  })();
  return {
    async stop() {
      stopped = true;
      await sampling;
      return [...lines].join('\n');
    },
  };
}

/** A process becomes another program after its start: on a busy machine, from a large one, as much as 50 ms later. */
async function look(seen: Map<string, number>, lines: Set<string>): Promise<void> {
  const processes = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name) && (seen.get(name) ?? 0) < mostLooks);
  await Promise.all(
    processes.map(async (pid) => {
      seen.set(pid, (seen.get(pid) ?? 0) + 1);
      lines.add((await readFile(`/proc/${pid}/cmdline`, 'latin1').catch(() => '')).replaceAll('\0', ' '));
    }),
  );
}
