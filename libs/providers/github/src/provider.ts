import { type Provider, type RateLimiter, type Secrets, systemClock } from '@slipway/engine';
import { createGithubClient } from './client.js';
import type { GithubConfig } from './config.js';
import { createRepository } from './create-repository.js';
import { githubCommits } from './descends.js';
import { checkHealth } from './health.js';
import { pushRepository } from './push-repository.js';
import { githubRepository } from './repository-kind.js';

/**
 * `secrets` resolves the token for health checks; steps and kinds use their own context, so that their run redacts it.
 * `limiter` is the one of all processes that use the same token.
 */
export function githubProvider(config: GithubConfig, { secrets, limiter }: { secrets: Secrets; limiter: RateLimiter }): Provider {
  const github = createGithubClient(config, limiter);
  return {
    name: 'github',
    steps: [createRepository(github), pushRepository(github)],
    kinds: [githubRepository(github)],
    commits: githubCommits(github),
    health: (signal) => checkHealth(github, { signal, secrets, clock: systemClock }),
  };
}
