import { z } from 'zod';
import { alreadyExists, badRequest, notFound } from './akeyless-error.js';
import { unlock } from './customer-fragment.js';
import { fullName, type Gateway } from './gateway.js';
import type { Capability, StaticSecret } from './model.js';
import { operation, optional, type Operation } from './operation.js';
import { authorize, type Caller } from './permissions.js';

const CREATE_FIELDS = {
  name: z.string().min(1),
  value: z.string(),
  ...optional(
    z.string(),
    'accessibility',
    'change-event',
    'delete_protection',
    'description',
    'format',
    'lock-during-sra-session',
  ),
  ...optional(z.string(), 'max-versions', 'metadata', 'password', 'protection_key', 'type', 'username'),
  ...optional(z.string(), 'secure-access-bastion-issuer', 'secure-access-certificate-issuer', 'secure-access-enable'),
  ...optional(z.string(), 'secure-access-gateway', 'secure-access-rdp-user', 'secure-access-ssh-creds', 'secure-access-ssh-user'),
  ...optional(z.string(), 'secure-access-url'),
  ...optional(z.boolean(), 'multiline_value', 'secure-access-web-browsing', 'secure-access-web-proxy'),
  ...optional(z.array(z.string()), 'inject-url', 'secure-access-host', 'tags'),
  ...optional(z.record(z.string(), z.string()), 'custom-field', 'item-custom-fields'),
};

const UPDATE_FIELDS = {
  name: z.string().min(1),
  value: z.string(),
  ...optional(z.string(), 'accessibility', 'format', 'keep-prev-version', 'key', 'password', 'username'),
  ...optional(z.number(), 'last-version'),
  ...optional(z.boolean(), 'multiline', 'new-version'),
  ...optional(z.array(z.string()), 'inject-url'),
  ...optional(z.record(z.string(), z.string()), 'custom-field'),
};

const READ_FIELDS = {
  names: z.array(z.string()).min(1),
  ...optional(z.string(), 'accessibility', 'ignore-cache'),
  ...optional(z.boolean(), 'pretty-print'),
  ...optional(z.number(), 'version'),
};

export const staticSecrets: Operation[] = [
  operation('/create-secret', CREATE_FIELDS, async ({ gateway }, input, caller) => {
    const name = fullName(input.name);
    authorize(caller, 'item-rule', name, 'create');
    if (gateway.items.get(name)) throw alreadyExists('item', name);
    await unlock(gateway, input.protection_key ?? '');
    const now = gateway.clock.now();
    gateway.items.set(name, {
      type: 'STATIC_SECRET',
      id: gateway.nextNumber(),
      name,
      value: input.value,
      format: input.format ?? 'text',
      description: input.description ?? input.metadata ?? '',
      tags: input.tags ?? [],
      deleteProtection: input.delete_protection === 'true',
      key: input.protection_key ?? '',
      version: 1,
      createdAt: now,
      modifiedAt: now,
    });
    return { name };
  }),

  operation('/update-secret-val', UPDATE_FIELDS, async ({ gateway }, input, caller) => {
    const secret = find(gateway, caller, input.name, 'update');
    const { version, value, earlier = {} } = secret;
    if (input['last-version'] !== undefined && input['last-version'] !== version) {
      throw badRequest(`the last version of ${secret.name} is ${version}, not ${input['last-version']}`);
    }
    const key = input.key ?? secret.key;
    await unlock(gateway, key);
    gateway.items.set(secret.name, {
      ...secret,
      value: input.value,
      format: input.format ?? secret.format,
      key,
      version: version + 1,
      ...(input['keep-prev-version'] === 'true' && { earlier: { ...earlier, [version]: value } }),
      modifiedAt: gateway.clock.now(),
    });
    return { name: secret.name };
  }),

  operation('/get-secret-value', READ_FIELDS, async ({ gateway }, input, caller) => {
    const values: Record<string, string> = {};
    for (const asked of input.names) {
      const secret = find(gateway, caller, asked, 'read');
      await unlock(gateway, secret.key);
      // Under the name that was asked for, with or without its slash.
      values[asked] = valueOf(secret, input.version);
    }
    return values;
  }),
];

function find(gateway: Gateway, caller: Caller, asked: string, capability: Capability): StaticSecret {
  const item = gateway.item(caller, fullName(asked), capability);
  if (item.type !== 'STATIC_SECRET') throw badRequest(`the item ${item.name} is no static secret`);
  return item;
}

function valueOf(secret: StaticSecret, version = 0): string {
  if (version === 0 || version === secret.version) return secret.value;
  const kept = secret.earlier?.[version];
  if (kept === undefined) throw notFound('item', `${secret.name} version ${version}`);
  return kept;
}
