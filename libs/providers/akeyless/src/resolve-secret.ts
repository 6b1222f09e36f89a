import { type SecretResolver, StepError } from '@slipway/engine';
import { z } from 'zod';
import type { AkeylessClient } from './client.js';

/** References `akeyless:PATH` (a static secret's value) and `akeyless:PATH#KEY` (one field of a value that is JSON). */
export function akeylessSecrets(client: AkeylessClient): SecretResolver {
  return {
    async resolve(path, key, signal) {
      const reference = `akeyless:${path}${key === undefined ? '' : `#${key}`}`;
      const name = path.startsWith('/') ? path : `/${path}`;
      const call = { doing: `read ${reference}`, ...(signal && { signal }) };
      const values = await client
        .find(call, z.record(z.string(), z.unknown()), (api, token) => api.getSecretValue({ names: [name], token }))
        .catch((error: unknown) => unavailable(reference, error));
      const value = values?.[name] ?? values?.[path];
      if (value === undefined) throw notFound(reference, 'Akeyless holds no such secret');
      return key === undefined ? wholeOf(reference, value) : fieldOf(reference, value, key);
    },
  };
}

function wholeOf(reference: string, value: unknown): string {
  if (typeof value === 'string') return value;
  throw notFound(reference, 'its value is not text; name one of its fields, as in akeyless:PATH#KEY');
}

/** A secret of the key/value format comes as an object or as its JSON text, by the version of the Gateway. */
function fieldOf(reference: string, value: unknown, key: string): string {
  const fields = z.record(z.string(), z.unknown()).safeParse(typeof value === 'string' ? parseJson(value) : value);
  if (!fields.success) throw notFound(reference, 'its value is no JSON object, so it has no fields');
  const field = fields.data[key];
  if (typeof field !== 'string') throw notFound(reference, `its value has no field ${key} that holds text`);
  return field;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function notFound(reference: string, why: string): StepError {
  return new StepError('fatal', 'secret_not_found', `Cannot read ${reference}: ${why}.`, {
    remedy: 'Correct the reference, or create the secret it names, then retry.',
  });
}

function unavailable(reference: string, error: unknown): never {
  if (!(error instanceof StepError)) throw error;
  const { classification, message, remedy, retryAfterMs } = error;
  throw new StepError(classification, 'secret_unavailable', `Cannot read ${reference}: ${message}`, {
    ...(remedy !== undefined && { remedy }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  });
}
