import { type SecretResolver, StepError, untilAborted } from '@slipway/engine';
import { z } from 'zod';
import { classifyError } from './classify-error.js';
import type { AkeylessClient } from './client.js';

/**
 * References `akeyless:PATH` (a static secret's value) and `akeyless:PATH#KEY` (one field of a value that is JSON, or `username`
 * or `password` of a rotated secret). Nothing is kept: what changed in Akeyless holds from the next time on. Whoever asks while
 * the same secret is being read waits for that answer, so that many at once are one call.
 */
export function akeylessSecrets(client: AkeylessClient): SecretResolver {
  const reading = new Map<string, Promise<unknown>>();
  const read = (name: string, reference: string): Promise<unknown> => {
    const begun = reading.get(name);
    if (begun) return begun;
    const reads = readValue(client, name, reference).finally(() => reading.delete(name));
    reading.set(name, reads);
    return reads;
  };
  return {
    async resolve(path, key, signal) {
      const reference = `akeyless:${path}${key === undefined ? '' : `#${key}`}`;
      const name = path.startsWith('/') ? path : `/${path}`;
      const value = await untilAborted(read(name, reference), signal).catch((error: unknown) => unavailable(reference, error));
      if (value === undefined) throw notFound(reference, 'Akeyless holds no such secret');
      return key === undefined ? wholeOf(reference, value) : fieldOf(reference, value, key);
    },
  };
}

async function readValue(client: AkeylessClient, name: string, reference: string): Promise<unknown> {
  const doing = `read ${reference}`;
  try {
    const values = await client.find({ doing }, z.record(z.string(), z.unknown()), (api, token) =>
      api.getSecretValue({ names: [name], token }),
    );
    return values?.[name];
  } catch (error) {
    // What is no static secret is refused; a rotated one has a call of its own, and its own field for the one name.
    if (!(error instanceof StepError) || error.code !== 'akeyless_refused') throw error;
    const Rotated = z.object({ value: z.record(z.string(), z.unknown()) });
    const answer = await client
      .find({ doing }, Rotated, (api, token) => api.getRotatedSecretValue({ names: name, token }))
      .catch(() => undefined);
    if (!answer) throw error;
    return answer.value;
  }
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
  const { classification, message, remedy, retryAfterMs } = classifyError(error, { doing: `read ${reference}`, writes: false });
  throw new StepError(classification, 'secret_unavailable', `Cannot read ${reference}: ${message}`, {
    ...(remedy !== undefined && { remedy }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  });
}
