import { readFileSync } from 'node:fs';
import { type CommitGraph, type Provider, type RateLimiter, type Secrets, systemClock } from '@slipway/engine';
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

interface Surroundings {
  /** For health checks; steps and kinds use their own context, so that their run redacts what it resolves. */
  secrets: Secrets;
  /** The one of all processes that use the same account. */
  limiter: RateLimiter;
  /** Without it, a commit that came after the one asked for cannot be told from any other, and does not count. */
  commits?: CommitGraph | undefined;
}

/** One Argo CD server. Throws where its certificate authority cannot be read; logs in at first use. */
export function argocdProvider(config: ArgocdConfig, { secrets, limiter, commits }: Surroundings): Provider {
  const ca = config.ca === undefined ? undefined : readFileSync(config.ca, 'utf8');
  const argocd = createArgocdClient(config, limiter, ca);
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
    health: (signal) => checkHealth(argocd, { signal, secrets, clock: systemClock }),
  };
}
