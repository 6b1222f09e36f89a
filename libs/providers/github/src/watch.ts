import { type RateLimiter, type Secrets, systemClock } from '@slipway/engine';
import { createGithubClient } from './client.js';
import type { GithubConfig } from './config.js';
import { type NamedRepository, readTruth, type RepositoryTruth } from './read-truth.js';
import { redeliverFailed, type Redelivered } from './redeliver-failed.js';

/** What keeps our view of repositories true where webhooks are late, lost or ambiguous. */
export interface GithubWatch {
  read(repository: NamedRepository, signal: AbortSignal): Promise<RepositoryTruth>;
  redeliver(url: string, signal: AbortSignal): Promise<Redelivered>;
}

export function githubWatch(config: GithubConfig, { secrets, limiter }: { secrets: Secrets; limiter: RateLimiter }): GithubWatch {
  const github = createGithubClient(config, limiter);
  const context = (signal: AbortSignal) => ({ signal, secrets, clock: systemClock });
  return {
    read: (repository, signal) => readTruth(github, context(signal), repository),
    redeliver: (url, signal) => redeliverFailed(github, context(signal), url),
  };
}
