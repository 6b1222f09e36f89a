import type { Clock, Provider, Secrets } from '@slipway/engine';
import { argocdApplication } from './application-kind.js';
import { createArgocdClient } from './client.js';
import type { ArgocdConfig } from './config.js';
import { createApplication } from './create-application.js';
import { checkHealth } from './health.js';
import { registerRepository } from './register-repository.js';
import { argocdRepository } from './repository-kind.js';
import { waitApplication } from './wait-application.js';

/** `secrets` is for health checks; steps and kinds use their own context, so that their run redacts what it resolves. */
export function argocdProvider(config: ArgocdConfig, secrets: Secrets): Provider {
  const argocd = createArgocdClient(config);
  return {
    name: 'argocd',
    steps: [registerRepository(argocd), createApplication(argocd), waitApplication(argocd)],
    kinds: [argocdRepository(argocd), argocdApplication(argocd)],
    health: (signal) => checkHealth(argocd, { signal, secrets, clock: machineClock }),
  };
}

const machineClock: Clock = {
  now: () => new Date(),
  sleep: () => Promise.reject(new Error('A health check waits for nothing.')),
};
