import { type SecretResolver, StepError } from '@slipway/engine';
import type { KubernetesClient } from './client.js';
import { findSecret } from './owned-secret.js';

/** References `kubernetes:NAMESPACE/NAME#KEY`: one value of a Secret, read at the moment of use. */
export function kubernetesSecrets(client: KubernetesClient): SecretResolver {
  return {
    async resolve(path, key, signal) {
      const [namespace, name, ...rest] = path.split('/');
      if (!namespace || !name || rest.length > 0 || !key) {
        throw notFound(path, key, 'a reference to a secret of the cluster is written kubernetes:NAMESPACE/NAME#KEY');
      }
      const secret = await findSecret(client, { namespace, name }, signal).catch((error: unknown) =>
        unavailable(path, key, error),
      );
      if (!secret) throw notFound(path, key, `there is no secret ${namespace}/${name}`);
      const value = secret.data?.[key];
      if (value === undefined) throw notFound(path, key, `secret ${namespace}/${name} has no key ${key}`);
      return Buffer.from(value, 'base64').toString('utf8');
    },
  };
}

function notFound(path: string, key: string | undefined, why: string): StepError {
  return new StepError('fatal', 'secret_not_found', `Cannot read ${reference(path, key)}: ${why}.`, {
    remedy: 'Correct the reference, or create the secret it names, then retry.',
  });
}

function unavailable(path: string, key: string | undefined, error: unknown): never {
  if (!(error instanceof StepError)) throw error;
  const { classification, message, remedy, retryAfterMs } = error;
  throw new StepError(classification, 'secret_unavailable', `Cannot read ${reference(path, key)}: ${message}`, {
    ...(remedy !== undefined && { remedy }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  });
}

function reference(path: string, key: string | undefined): string {
  return `kubernetes:${path}${key === undefined ? '' : `#${key}`}`;
}
