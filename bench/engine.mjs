// What the run engine does on this machine, through the worker that ships: `npm run bench engine [FIGURE…]`.
import { idleOverhead } from './engine/idle-overhead.mjs';
import { logLines } from './engine/log-lines.mjs';
import { queuedAtStart } from './engine/queued-at-start.mjs';
import { stepsPerSecond } from './engine/steps-per-second.mjs';
import { waitingRuns } from './engine/waiting-runs.mjs';
import { runParts } from './stage/run-parts.mjs';
import { withStores } from './stage/with-stores.mjs';

const parts = { 'steps-per-second': stepsPerSecond, 'idle-overhead': idleOverhead, 'log-lines': logLines, 'waiting-runs': waitingRuns, 'queued-at-start': queuedAtStart };

await runParts(parts, withStores);
