import { StepError } from '@slipway/engine';
import { z } from 'zod';
import { type AkeylessClient, anyAnswer } from './client.js';

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
const LeaseAnswers = z.array(LeaseAnswer);

export async function listLeases(client: AkeylessClient, path: string, signal: AbortSignal): Promise<Lease[]> {
  const call = { doing: `list the leases of ${path}`, writes: false, signal };
  return client.call(call, LeaseAnswers, async (api, token) => {
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
  // The id is the user's name, which the database's words repeat.
  const call = { doing: `revoke a credential of ${path}`, writes: true, signal, sends: [lease.id] };
  try {
    await client.call(call, anyAnswer, (api, token) =>
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

/** Of one lease, and not of the Gateway or of us: the others are worth a try. */
const OF_ONE_LEASE = ['akeyless_refused', 'akeyless_unavailable'];

/** One by one, so that one that cannot be revoked holds up no other. Throws `retry` while any is left. */
export async function revokeEach(client: AkeylessClient, path: string, leases: readonly Lease[], signal: AbortSignal): Promise<void> {
  const failures: StepError[] = [];
  for (const lease of leases) {
    try {
      await revokeLease(client, path, lease, signal);
    } catch (error) {
      if (!(error instanceof StepError) || !OF_ONE_LEASE.includes(error.code)) throw error;
      failures.push(error);
    }
  }
  const [first] = failures;
  if (!first) return;
  const count = `${failures.length} of ${leases.length} credentials of ${path}`;
  throw new StepError('retry', 'akeyless_revocation_failed', `Could not revoke ${count}: ${first.message}`, {
    remedy:
      'It is tried again, and the dynamic secret stays until then. Check that the database is reachable and that the user of the target ' +
      'may drop users. If the database is gone for good, revoke them in Akeyless with --soft-delete.',
  });
}
