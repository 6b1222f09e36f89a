import type { Clock, CommitGraph, Provider, Secrets } from '@slipway/engine';
import { argocdApplication } from './application-kind.js';
import { createArgocdClient } from './client.js';
import type { ArgocdConfig } from './config.js';
import { createApplication } from './create-application.js';
import { createProject } from './create-project.js';
import { checkHealth } from './health.js';
import { argocdProject } from './project-kind.js';
import { registerRepository } from './register-repository.js';
import { argocdRepository } from './repository-kind.js';
import { syncApplication } from './sync-application.js';
import { waitApplication } from './wait-application.js';

/**
 * `secrets` is for health checks; steps and kinds use their own context, so that their run redacts what it resolves. Without
 * `commits`, a commit that came after the one asked for cannot be told from any other, and does not count.
 */
export function argocdProvider(config: ArgocdConfig, secrets: Secrets, commits?: CommitGraph): Provider {
  const argocd = createArgocdClient(config);
  return {
    name: 'argocd',
    steps: [
      createProject(argocd),
      registerRepository(argocd),
      createApplication(argocd),
      syncApplication(argocd, commits),
      waitApplication(argocd, commits),
    ],
    kinds: [argocdProject(argocd), argocdRepository(argocd), argocdApplication(argocd)],
    health: (signal) => checkHealth(argocd, { signal, secrets, clock: machineClock }),
  };
}

const machineClock: Clock = {
  now: () => new Date(),
  sleep: () => Promise.reject(new Error('A health check waits for nothing.')),
};
