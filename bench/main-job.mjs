// What the main job costs beside the systems it waits for: `npm run bench main-job [PART…]`.
import { applicationsPerHour } from './main-job/applications-per-hour.mjs';
import { endToEnd } from './main-job/end-to-end.mjs';
import { fiftyAtOnce } from './main-job/fifty-at-once.mjs';
import { oneRun } from './main-job/one-run.mjs';
import { runParts } from './stage/run-parts.mjs';

const parts = { 'end-to-end': endToEnd, 'one-run': oneRun, 'fifty-at-once': fiftyAtOnce, 'applications-per-hour': applicationsPerHour };

await runParts(parts, (part) => part());
