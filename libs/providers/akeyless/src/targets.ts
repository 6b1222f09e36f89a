import { z } from 'zod';
import { type AkeylessClient, anyAnswer } from './client.js';
import { ownerOf } from './ownership.js';

export interface Target {
  owner: string | null;
}

/** What was sent as `description` comes back as `comment`, as in Akeyless' own Terraform provider. */
const TargetAnswer = z.object({ comment: z.string().nullish() });

/** By `target-get`: unlike `target-get-details` it answers no password, so our role needs no right to read values. */
export async function findTarget(client: AkeylessClient, path: string, signal: AbortSignal): Promise<Target | undefined> {
  const found = await client.find({ doing: `look at target ${path}`, signal }, TargetAnswer, (api, token) =>
    api.targetGet({ name: path, token }),
  );
  return found && { owner: ownerOf(found.comment) };
}

export async function deleteTarget(client: AkeylessClient, path: string, signal: AbortSignal): Promise<void> {
  await client.call({ doing: `delete target ${path}`, writes: true, signal }, anyAnswer, (api, token) =>
    api.targetDelete({ name: path, token }),
  );
}
