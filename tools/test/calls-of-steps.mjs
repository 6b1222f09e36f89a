/** Half of the pause between two steps of `deploy_with_pauses`. The clocks of run and sandbox are apart by far less. */
const LEEWAY_MS = 250;

/**
 * Which calls each step of a `deploy_with_pauses` run for the app `name` made, in order, each kind once: those that the product
 * made while that step ran. `requests` are the sandbox's. Answers `[{ step, name, system, method, path, agent, by, after, alike }]`:
 * `by` says whether another app's call can be told from this one by its `path` or its `body`, else null; `after` how often
 * earlier steps make the same call; `alike` which steps do, this one among them.
 */
export function callsOfSteps({ steps }, requests, name) {
  const own = requests.filter(isOurs);
  const calls = steps
    .filter(({ id }) => !id.startsWith('pause-after-'))
    .flatMap((step) => own.filter(({ time }) => isWithin(time, step)).map((request) => ({ ...addressOf(request, name), step: step.id, name, time: request.time })));
  calls.sort((a, b) => a.time.localeCompare(b.time));
  const first = calls.filter((call, index) => calls.findIndex((other) => other.step === call.step && isSameCall(other, call)) === index);
  return first.map((call) => ({
    ...call,
    after: calls.slice(0, calls.indexOf(call)).filter((other) => isSameCall(other, call)).length,
    alike: first.filter((other) => isSameCall(other, call)).map(({ step }) => step),
  }));
}

/** The product's own, and not what stand-ins ask of each other. */
export function isOurs({ headers }) {
  return agentOf(headers).includes('slipway');
}

export function isSameCall(a, b) {
  return a.system === b.system && a.method === b.method && a.path === b.path;
}

function isWithin(time, { startedAt, endedAt }) {
  if (!startedAt || !endedAt) return false;
  return Date.parse(time) >= Date.parse(startedAt) - LEEWAY_MS && Date.parse(time) <= Date.parse(endedAt) + LEEWAY_MS;
}

function addressOf({ system, method, path, headers, body }, name) {
  const by = path.includes(name) ? 'path' : JSON.stringify(body ?? null).includes(name) ? 'body' : null;
  return { system, method, path, agent: agentOf(headers), by };
}

function agentOf(headers) {
  return String(headers['user-agent'] ?? '');
}
