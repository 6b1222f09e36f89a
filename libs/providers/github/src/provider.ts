import type { Clock, Provider, Secrets } from '@slipway/engine';
import { createGithubClient } from './client.js';
import type { GithubConfig } from './config.js';
import { createRepository } from './create-repository.js';
import { checkHealth } from './health.js';
import { pushRepository } from './push-repository.js';
import { githubRepository } from './repository-kind.js';

/** `secrets` resolves the token for health checks; steps and kinds use their own context, so that their run redacts it. */
export function githubProvider(config: GithubConfig, secrets: Secrets): Provider {
  const github = createGithubClient(config);
  return {
    name: 'github',
    steps: [createRepository(github), pushRepository(github)],
    kinds: [githubRepository(github)],
    health: (signal) => checkHealth(github, { signal, secrets, clock: machineClock }),
  };
}

const machineClock: Clock = {
  now: () => new Date(),
  sleep: () => Promise.reject(new Error('A health check waits for nothing.')),
};
