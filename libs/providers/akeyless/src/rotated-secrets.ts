import { StepError } from '@slipway/engine';
import { z } from 'zod';
import { type AkeylessClient, anyAnswer } from './client.js';
import { notOurs, ownerOf } from './ownership.js';

export interface RotatedSecret {
  owner: string | null;
  /** Grows with every rotation, from 1. */
  version: number;
  /** Why the last rotation failed; null: it did not. */
  failure: string | null;
}

/** What was sent as `description` comes back as `item_metadata`. */
const ItemAnswer = z
  .object({
    item_metadata: z.string().nullish(),
    last_version: z.number().catch(1),
    item_general_info: z
      .object({
        rotated_secret_details: z
          .object({ rotator_status: z.string().nullish(), last_rotation_error: z.string().nullish() })
          .nullish(),
      })
      .nullish(),
  })
  .transform(({ item_metadata: metadata, last_version: version, item_general_info: info }): RotatedSecret => {
    const { rotator_status: status, last_rotation_error: error } = info?.rotated_secret_details ?? {};
    const failed = error || (status === 'RotationFailed' ? 'Akeyless says that it failed, and not why' : null);
    return { owner: ownerOf(metadata), version, failure: failed };
  });

/** By `describe-item`: no password, so our role needs no right to read values. */
export async function findRotatedSecret(
  client: AkeylessClient,
  path: string,
  signal: AbortSignal,
): Promise<RotatedSecret | undefined> {
  return client.find({ doing: `look at rotated secret ${path}`, signal }, ItemAnswer, (api, token) =>
    api.describeItem({ name: path, token }),
  );
}

/** One that carries the mark. */
export async function requireOurs(client: AkeylessClient, path: string, mark: string, signal: AbortSignal): Promise<RotatedSecret> {
  const found = await findRotatedSecret(client, path, signal);
  if (!found) {
    throw new StepError('fatal', 'akeyless_not_found', `There is no rotated secret ${path}.`, {
      remedy: 'Correct the path, or create it by akeyless:rotated-secret:create.',
    });
  }
  if (found.owner !== mark) throw notOurs(`Rotated secret ${path}`, found.owner);
  return found;
}

/** The Gateway makes up a password, sets it in the database and keeps it in the target; nobody is told. */
export async function rotate(client: AkeylessClient, path: string, signal: AbortSignal): Promise<void> {
  await client.call({ doing: `rotate ${path}`, writes: true, signal }, anyAnswer, (api, token) =>
    api.rotateSecret({ name: path, token }),
  );
}

export async function deleteRotatedSecret(client: AkeylessClient, path: string, signal: AbortSignal): Promise<void> {
  await client.call({ doing: `delete rotated secret ${path}`, writes: true, signal }, anyAnswer, (api, token) =>
    api.rotatedSecretDelete({ name: path, token }),
  );
}
