// What the run engine does on this machine, through the worker that ships: `npm run bench engine [FIGURE…]`.
import process from 'node:process';
import { idleOverhead } from './engine/idle-overhead.mjs';
import { logLines } from './engine/log-lines.mjs';
import { queuedAtStart } from './engine/queued-at-start.mjs';
import { stepsPerSecond } from './engine/steps-per-second.mjs';
import { waitingRuns } from './engine/waiting-runs.mjs';
import { withStores } from './stage/with-stores.mjs';

const parts = { 'steps-per-second': stepsPerSecond, 'idle-overhead': idleOverhead, 'log-lines': logLines, 'waiting-runs': waitingRuns, 'queued-at-start': queuedAtStart };
const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !Object.hasOwn(parts, name));
if (unknown.length > 0) {
  console.error(`There is no part ${unknown.join(', ')} of this benchmark. Use some of: ${Object.keys(parts).join(', ')}.`);
  process.exit(2);
}
for (const [name, part] of Object.entries(parts)) {
  if (asked.length === 0 || asked.includes(name)) await withStores(part);
}
