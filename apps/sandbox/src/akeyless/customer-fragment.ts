import { z } from 'zod';
import { AkeylessError, alreadyExists, badRequest } from './akeyless-error.js';
import { fullName, type Gateway } from './gateway.js';
import { operation, optional, type Operation } from './operation.js';
import { authorize } from './permissions.js';

/** Answered by the gateway, for the service that holds the customer's fragment; whatever befalls it befalls what it protects. */
export const FRAGMENT_PATH = '/api/derived-key';
const ANSWER_WITHIN_MS = 3_000;

const KEY_FIELDS = {
  name: z.string().min(1),
  alg: z.string(),
  ...optional(z.string(), 'auto-rotate', 'customer-frg-id', 'delete_protection', 'description', 'metadata', 'rotation-interval'),
  ...optional(z.number(), 'split-level'),
  ...optional(z.array(z.string()), 'tag', 'expiration-event-in', 'rotation-event-in'),
  ...optional(z.record(z.string(), z.string()), 'item-custom-fields'),
};

export const encryptionKeys: Operation[] = [
  operation('/create-dfc-key', KEY_FIELDS, ({ gateway }, input, caller) => {
    const name = fullName(input.name);
    authorize(caller, 'item-rule', name, 'create');
    if (gateway.items.get(name)) throw alreadyExists('item', name);
    const now = gateway.clock.now();
    const fragment = input['customer-frg-id'];
    gateway.items.set(name, {
      type: 'KEY',
      id: gateway.nextNumber(),
      name,
      algorithm: input.alg,
      ...(fragment !== undefined && fragment !== '' && { fragment }),
      description: input.description ?? input.metadata ?? '',
      tags: input.tag ?? [],
      deleteProtection: input.delete_protection === 'true',
      key: '',
      version: 1,
      createdAt: now,
      modifiedAt: now,
    });
    return {};
  }),
];

/**
 * Before anything that this key protects is written or read in clear.
 * @throws AkeylessError 400 where there is no such key; 500 where its customer fragment cannot be had.
 */
export async function unlock(gateway: Gateway, key: string): Promise<void> {
  if (key === '') return;
  const found = gateway.items.get(fullName(key));
  if (found?.type !== 'KEY') throw badRequest(`the protection key ${key} was not found`);
  if (found.fragment === undefined) return;
  const url = `${gateway.url}${FRAGMENT_PATH}`;
  let status: number;
  try {
    status = (await fetch(url, { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) })).status;
  } catch (error) {
    const why = (error as Error).name === 'TimeoutError' ? 'context deadline exceeded' : 'EOF';
    throw new AkeylessError(500, `failed to get derived key: Get "${url}": ${why}`);
  }
  if (status !== 200) throw new AkeylessError(500, `failed to get derived key: the customer fragment service answered ${status}`);
}
