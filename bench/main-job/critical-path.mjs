import process from 'node:process';
import { isOurs, isSameCall } from '../../tools/test/calls-of-steps.mjs';

/**
 * The longest way through a run's steps, each as long as calls of it were under way: what the run would take if it cost nothing
 * itself and noticed at once what it waits for. Where a step looks again and again, the time between two looks is not counted,
 * so a wait by polling makes the figure worse and not better. `calls` say which step makes which call (`callsOfSteps`).
 */
export function criticalPathSeconds({ steps }, requests, { calls, name }) {
  const own = requests.filter(isOurs).map((request) => ({ ...request, step: stepOf(request, steps, calls, name) }));
  const lost = own.filter(({ step }) => step === undefined);
  if (lost.length > 0) process.stderr.write(`No step is known to make ${lost.map(({ method, path }) => `${method} ${path}`).join(', ')}.\n`);
  const busy = new Map(steps.map(({ id }) => [id, busySeconds(own.filter(({ step }) => step === id))]));
  const ends = new Map();
  const endOf = (id) => {
    if (!ends.has(id)) ends.set(id, Math.max(0, ...steps.find((step) => step.id === id).needs.map(endOf)) + busy.get(id));
    return ends.get(id);
  };
  if (process.env.BENCH_EXPLAIN) explain(steps, busy, own, endOf);
  return Math.max(...steps.map(({ id }) => endOf(id)));
}

/** Where several steps make the same call: the one that was at work, or had just begun. */
function stepOf(request, steps, calls, name) {
  const plain = { ...request, path: request.path.replaceAll(name, calls[0].name) };
  const makers = steps.filter(({ id }) => calls.some((call) => call.step === id && isSameCall(call, plain)));
  // A call that the other run had no need of: by the system that the step's action names.
  const able = makers.length > 0 ? makers : steps.filter(({ action }) => action.startsWith(`${request.system}:`));
  const begun = able.filter(({ startedAt }) => Date.parse(startedAt) <= Date.parse(request.time) + 50);
  return (begun.toSorted((a, b) => Date.parse(b.startedAt) - Date.parse(a.startedAt))[0] ?? able[0])?.id;
}

/** The time in which at least one of the calls was under way. */
function busySeconds(requests) {
  const spans = requests.map(({ time, durationMs }) => [Date.parse(time), Date.parse(time) + (durationMs ?? 0)]).toSorted((a, b) => a[0] - b[0]);
  let busy = 0;
  let until = 0;
  for (const [from, to] of spans) {
    busy += Math.max(0, to - Math.max(from, until));
    until = Math.max(until, to);
  }
  return busy / 1_000;
}

function explain(steps, busy, own, endOf) {
  for (const { id, startedAt, endedAt } of steps) {
    const wall = (Date.parse(endedAt) - Date.parse(startedAt)) / 1_000;
    process.stderr.write(`${id.padEnd(14)} from ${startedAt.slice(17, 23)} wall ${wall.toFixed(2)} s, calls ${busy.get(id).toFixed(2)} s, path ${endOf(id).toFixed(2)} s\n`);
    for (const { step, time, durationMs, method, path } of own) if (step === id) process.stderr.write(`    ${time.slice(17, 23)} ${durationMs} ms ${method} ${path}\n`);
  }
}
