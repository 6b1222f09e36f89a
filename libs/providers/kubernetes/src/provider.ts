import { KubeConfig } from '@kubernetes/client-node';
import type { Provider, Secrets } from '@slipway/engine';
import type { z } from 'zod';
import { applyStep } from './apply.js';
import { KubernetesClient } from './client.js';
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

/**
 * One cluster. Its kubeconfig is loaded once, here, and its credential is from then on redacted from logs.
 * Throws where there is no usable kubeconfig.
 */
export function kubernetesProvider(config: z.input<typeof KubernetesConfig>, secrets: Pick<Secrets, 'protect'>): Provider {
  const { kubeconfig, registries } = KubernetesConfig.parse(config);
  const kubeConfig = loadKubeConfig(kubeconfig);
  const user = kubeConfig.getCurrentUser();
  for (const value of [user?.token, user?.password, user?.keyData]) if (value) secrets.protect(value);
  const client = new KubernetesClient(kubeConfig);
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

function loadKubeConfig(kubeconfig: string | undefined): KubeConfig {
  const kubeConfig = new KubeConfig();
  if (kubeconfig === undefined) {
    if (!process.env['KUBERNETES_SERVICE_HOST']) {
      throw new Error(
        'This process does not run in a Kubernetes cluster: configure kubernetes.kubeconfig, the path of a kubeconfig.',
      );
    }
    kubeConfig.loadFromCluster();
  } else {
    kubeConfig.loadFromFile(kubeconfig);
  }
  return kubeConfig;
}
