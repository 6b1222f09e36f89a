import { StepError } from '@slipway/engine';
import { z } from 'zod';
import type { AkeylessClient } from './client.js';

/** One issued credential that still lives. */
export interface Lease {
  id: string;
  accessId: string | null;
  createdAt: Date | null;
  host: string | null;
}

const LeaseAnswer = z
  .object({
    id: z.string(),
    access_id: z.string().nullish().catch(null),
    creation_date: z.date().nullish().catch(null),
    host: z.string().nullish().catch(null),
  })
  .transform((lease): Lease => ({
    id: lease.id,
    accessId: lease.access_id ?? null,
    createdAt: lease.creation_date ?? null,
    host: lease.host ?? null,
  }));

export async function listLeases(client: AkeylessClient, path: string, signal: AbortSignal): Promise<Lease[]> {
  const call = { doing: `list the leases of ${path}`, writes: false, signal };
  return client.call(call, z.array(LeaseAnswer), async (api, token) => {
    try {
      return await api.dynamicSecretTmpCredsGet({ name: path, token });
    } catch (error) {
      // A list that is empty comes as null, over which the SDK stumbles.
      if (error instanceof TypeError) return [];
      throw error;
    }
  });
}

/** Ends the credential at once. Harmless where it has ended already. */
export async function revokeLease(client: AkeylessClient, path: string, lease: Lease, signal: AbortSignal): Promise<void> {
  const call = { doing: `revoke a lease of ${path}`, writes: true, signal };
  try {
    await client.call(call, z.unknown(), (api, token) =>
      api.dynamicSecretTmpCredsDelete({
        name: path,
        token,
        'tmp-creds-id': lease.id,
        ...(lease.host !== null && { host: lease.host }),
      }),
    );
  } catch (error) {
    if (!(error instanceof StepError) || error.code !== 'akeyless_not_found') throw error;
  }
}

export async function revokeAllLeases(client: AkeylessClient, path: string, signal: AbortSignal): Promise<void> {
  await client.call({ doing: `revoke all leases of ${path}`, writes: true, signal }, z.unknown(), (api, token) =>
    api.dynamicSecretTmpCredsDelete({ name: path, token, 'revoke-all': true }),
  );
}
