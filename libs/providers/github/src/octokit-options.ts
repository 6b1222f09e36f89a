import type { GithubConfig } from './config.js';

/** From the moment a request leaves; time spent in line does not count. */
const requestDeadlineMs = 20_000;

/** What every client of ours has in common. */
export function octokitOptions(config: GithubConfig, signal?: AbortSignal) {
  return {
    baseUrl: config.apiUrl,
    userAgent: 'slipway/0.1.0',
    log: silent,
    request: { retries: 0, fetch: withDeadline(signal) },
    // The engine retries: it knows the step's bounds, and says in the log that it does.
    retry: { enabled: false },
    // Octokit's own knows of this process alone, and begins a write while another goes on.
    throttle: { enabled: false },
  };
}

function withDeadline(signal: AbortSignal | undefined): typeof fetch {
  return (resource, init) => {
    const deadline = AbortSignal.timeout(requestDeadlineMs);
    return fetch(resource, { ...init, signal: signal ? AbortSignal.any([signal, deadline]) : deadline });
  };
}

const nothing = (): void => undefined;
const silent = { debug: nothing, info: nothing, warn: nothing, error: nothing };
