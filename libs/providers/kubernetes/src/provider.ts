import type { Provider, Secrets } from '@slipway/engine';
import type { z } from 'zod';
import { applyStep } from './apply.js';
import { KubernetesClient } from './client.js';
import { openCluster } from './cluster-access.js';
import { KubernetesConfig } from './config.js';
import { deleteStep } from './delete.js';
import { checkHealth } from './health.js';
import { namespaceKind } from './namespace-kind.js';
import { namespaceStep } from './namespace.js';
import { objectKind } from './object-kind.js';
import { pullSecretStep } from './pull-secret.js';
import { refreshExternalSecretStep } from './refresh-external-secret.js';
import { kubernetesSecrets } from './resolve-secret.js';
import { restartRolloutStep } from './restart-rollout.js';
import { secretKind } from './secret-kind.js';
import { secretStep } from './secret.js';
import { waitStep } from './wait.js';

/** One cluster. Every credential of its kubeconfig is redacted from logs. Throws where there is no usable kubeconfig. */
export function kubernetesProvider(config: z.input<typeof KubernetesConfig>, secrets: Pick<Secrets, 'protect'>): Provider {
  const { registries, ...place } = KubernetesConfig.parse(config);
  const client = new KubernetesClient(openCluster(place, (value) => secrets.protect(value)));
  const object = objectKind(client);
  return {
    name: 'kubernetes',
    steps: [
      namespaceStep(client),
      applyStep(client),
      secretStep(client),
      pullSecretStep(client, registries),
      waitStep(client),
      restartRolloutStep(client),
      refreshExternalSecretStep(client),
      deleteStep(object),
    ],
    kinds: [namespaceKind(client), secretKind(client), object],
    secrets: kubernetesSecrets(client),
    health: (signal) => checkHealth(client, signal),
  };
}
