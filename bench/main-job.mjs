// What the main job costs beside the systems it waits for: `npm run bench main-job [PART…]`.
import process from 'node:process';
import { applicationsPerHour } from './main-job/applications-per-hour.mjs';
import { endToEnd } from './main-job/end-to-end.mjs';
import { fiftyAtOnce } from './main-job/fifty-at-once.mjs';
import { oneRun } from './main-job/one-run.mjs';

const parts = { 'end-to-end': endToEnd, 'one-run': oneRun, 'fifty-at-once': fiftyAtOnce, 'applications-per-hour': applicationsPerHour };
const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !Object.hasOwn(parts, name));
if (unknown.length > 0) {
  console.error(`There is no part ${unknown.join(', ')} of this benchmark. Use some of: ${Object.keys(parts).join(', ')}.`);
  process.exit(2);
}
for (const [name, part] of Object.entries(parts)) {
  if (asked.length === 0 || asked.includes(name)) await part();
}
