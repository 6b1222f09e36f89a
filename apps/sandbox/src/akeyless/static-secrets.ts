import { z } from 'zod';
import { alreadyExists, badRequest } from './akeyless-error.js';
import { fullName } from './gateway.js';
import { operation, optional, type Operation } from './operation.js';

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

const READ_FIELDS = {
  names: z.array(z.string()).min(1),
  ...optional(z.string(), 'accessibility', 'ignore-cache'),
  ...optional(z.boolean(), 'pretty-print'),
  ...optional(z.number(), 'version'),
};

export const staticSecrets: Operation[] = [
  operation('/create-secret', CREATE_FIELDS, ({ gateway }, input, caller) => {
    const name = fullName(input.name);
    gateway.authorize(caller, name, 'create');
    if (gateway.items.get(name)) throw alreadyExists('item', name);
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

  operation('/get-secret-value', READ_FIELDS, ({ gateway }, input, caller) => {
    const values = input.names.map((asked) => {
      const item = gateway.item(caller, fullName(asked), 'read');
      if (item.type !== 'STATIC_SECRET') throw badRequest(`the item ${item.name} is no static secret`);
      // Under the name that was asked for, with or without its slash.
      return [asked, item.value] as const;
    });
    return Object.fromEntries(values);
  }),
];
