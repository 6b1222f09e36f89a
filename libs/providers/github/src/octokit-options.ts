import type { GithubConfig } from './config.js';
import { sendingByUndici } from './send-request.js';

/** From the moment a request leaves; time spent in line does not count. */
const requestDeadlineMs = 20_000;

/** What every client of ours has in common. */
export function octokitOptions(config: GithubConfig, signal?: AbortSignal, deadlineMs = requestDeadlineMs) {
  return {
    baseUrl: config.apiUrl,
    userAgent: 'slipway/0.1.0',
    log: silent,
    request: { retries: 0, fetch: sendingByUndici(signal, deadlineMs), parseSuccessResponseBody: false },
    // The engine retries: it knows the step's bounds, and says in the log that it does.
    retry: { enabled: false },
    // Octokit's own knows of this process alone, and begins a write while another goes on.
    throttle: { enabled: false },
  };
}

const nothing = (): void => undefined;
const silent = { debug: nothing, info: nothing, warn: nothing, error: nothing };
