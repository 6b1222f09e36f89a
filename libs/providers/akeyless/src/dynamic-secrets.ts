import { z } from 'zod';
import { type AkeylessClient, anyAnswer } from './client.js';
import { ownerOf } from './ownership.js';

export interface DynamicSecret {
  owner: string | null;
  /** Why it issues nothing, in the Gateway's words; null while it works. */
  failure: string | null;
}

/** What was sent as `description` comes back as `metadata`, as in Akeyless' own Terraform provider. */
const Details = z
  .object({ metadata: z.string().nullish(), active: z.boolean().nullish(), failure_message: z.string().nullish() })
  .transform((details): DynamicSecret => ({ owner: ownerOf(details.metadata), failure: failureOf(details) }));

/** The two are set independently of each other, so both are looked at. */
function failureOf({
  active,
  failure_message: message,
}: {
  active?: boolean | null | undefined;
  failure_message?: string | null | undefined;
}) {
  if (message) return message;
  return active === false ? 'the Gateway says it is not active, and not why' : null;
}

export async function findDynamicSecret(
  client: AkeylessClient,
  path: string,
  signal: AbortSignal,
): Promise<DynamicSecret | undefined> {
  return client.find({ doing: `look at dynamic secret ${path}`, signal }, Details, (api, token) =>
    api.dynamicSecretGet({ name: path, token }),
  );
}

const Created = z.object({ dynamic_secret_details: Details });

/** `body` is sent as it is, with the name and our token added. */
export async function createMysqlDynamicSecret(
  client: AkeylessClient,
  path: string,
  body: Record<string, unknown>,
  signal: AbortSignal,
): Promise<DynamicSecret> {
  const call = { doing: `create dynamic secret ${path}`, writes: true, signal };
  const created = await client.call(call, Created, (api, token) => api.dynamicSecretCreateMySql({ ...body, name: path, token }));
  return created.dynamic_secret_details;
}

export async function deleteDynamicSecret(client: AkeylessClient, path: string, signal: AbortSignal): Promise<void> {
  await client.call({ doing: `delete dynamic secret ${path}`, writes: true, signal }, anyAnswer, (api, token) =>
    api.dynamicSecretDelete({ name: path, token }),
  );
}
