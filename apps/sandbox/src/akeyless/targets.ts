import { z } from 'zod';
import { AkeylessError, alreadyExists, badRequest } from './akeyless-error.js';
import { unlock } from './customer-fragment.js';
import { dateOf, fullName, type Gateway } from './gateway.js';
import type { Item, Target } from './model.js';
import { operation, optional, type Operation } from './operation.js';
import { authorize, may } from './permissions.js';

const DB_FIELDS = {
  name: z.string().min(1),
  'db-type': z.string(),
  'connection-type': z.string(),
  ...optional(z.string(), 'host', 'port', 'user-name', 'pwd', 'db-name', 'key', 'description', 'comment', 'max-versions'),
  ...optional(z.string(), 'azure-client-id', 'azure-client-secret', 'azure-tenant-id', 'cloud-service-provider'),
  ...optional(
    z.string(),
    'db-server-certificates',
    'db-server-name',
    'mongodb-atlas-api-private-key',
    'mongodb-atlas-api-public-key',
  ),
  ...optional(z.string(), 'mongodb-atlas-project-id', 'mongodb-default-auth-db', 'mongodb-uri-options', 'oracle-service-name'),
  ...optional(z.string(), 'oracle-wallet-login-type', 'oracle-wallet-p12-file-data', 'oracle-wallet-sso-file-data'),
  ...optional(z.string(), 'parent-target-name', 'snowflake-account', 'snowflake-api-private-key'),
  ...optional(z.string(), 'snowflake-api-private-key-password', 'ssl-certificate'),
  ...optional(z.boolean(), 'ssl', 'cluster-mode', 'mongodb-atlas'),
};
type DbFields = z.output<z.ZodObject<typeof DB_FIELDS>>;

export const targets: Operation[] = [
  operation('/target-create-db', DB_FIELDS, async ({ gateway }, input, caller) => {
    const name = fullName(input.name);
    authorize(caller, 'target-rule', name, 'create');
    checkType(input);
    if (gateway.targets.get(name)) throw alreadyExists('target', name);
    const now = gateway.clock.now();
    const target = { ...settings(input), id: gateway.nextNumber(), name, version: 1, createdAt: now, modifiedAt: now };
    await unlock(gateway, target.key);
    gateway.targets.set(name, target);
    return { target_id: target.id };
  }),

  operation(
    '/target-update-db',
    { ...DB_FIELDS, ...optional(z.string(), 'new-name', 'keep-prev-version') },
    ({ gateway }, input, caller) => {
      if (input['new-name'] !== undefined)
        throw new AkeylessError(501, 'the sandbox does not implement new-name of /target-update-db');
      const before = gateway.target(caller, fullName(input.name), 'update');
      checkType(input);
      const target = { ...before, ...settings(input, before), version: before.version + 1, modifiedAt: gateway.clock.now() };
      gateway.targets.set(before.name, target);
      return { target_id: target.id };
    },
  ),

  operation('/target-get', { name: z.string(), ...optional(z.boolean(), 'show-versions') }, ({ gateway }, input, caller) =>
    describe(gateway, gateway.target(caller, fullName(input.name), 'read')),
  ),

  operation(
    '/target-get-details',
    { name: z.string(), ...optional(z.boolean(), 'show-versions'), ...optional(z.number(), 'target-version') },
    async ({ gateway }, input, caller) => {
      const target = gateway.target(caller, fullName(input.name), 'read');
      await unlock(gateway, target.key);
      return { target: describe(gateway, target), value: { db_target_details: details(target) } };
    },
  ),

  operation(
    '/target-list',
    { ...optional(z.string(), 'filter', 'pagination-token'), ...optional(z.array(z.string()), 'type') },
    ({ gateway }, { filter = '', type }, caller) => {
      const found = gateway.targets
        .list()
        .map((entry) => entry.value)
        .filter((target) => may(caller, 'target-rule', target.name, 'list') && target.name.includes(filter))
        .filter((target) => type === undefined || type.includes('db') || type.includes(target.dbType));
      return { targets: found.map((target) => describe(gateway, target)), next_page: '' };
    },
  ),

  operation(
    '/target-delete',
    { name: z.string(), ...optional(z.boolean(), 'force-deletion'), ...optional(z.number(), 'target-version') },
    ({ gateway }, input, caller) => {
      const target = gateway.target(caller, fullName(input.name), 'delete');
      const users = itemsOf(gateway, target);
      if (users.length > 0 && input['force-deletion'] !== true) {
        const names = users.map((item) => item.name).join(', ');
        throw badRequest(`the target ${target.name} is associated with ${names}; use force-deletion to delete it nevertheless`);
      }
      gateway.targets.delete(target.name);
      return { target_name: target.name };
    },
  ),
];

function checkType(input: DbFields): void {
  if (input['db-type'] !== 'mysql')
    throw new AkeylessError(501, `the sandbox does not implement targets of db-type ${input['db-type']}`);
  const connection = input['connection-type'];
  if (connection !== 'credentials') throw new AkeylessError(501, `the sandbox does not implement connection-type ${connection}`);
}

function settings(input: DbFields, before?: Target): Omit<Target, 'id' | 'name' | 'version' | 'createdAt' | 'modifiedAt'> {
  return {
    dbType: input['db-type'],
    description: input.description ?? input.comment ?? before?.description ?? '',
    host: input.host ?? before?.host ?? '',
    port: input.port ?? before?.port ?? '3306',
    user: input['user-name'] ?? before?.user ?? '',
    password: input.pwd ?? before?.password ?? '',
    database: input['db-name'] ?? before?.database ?? '',
    ssl: input.ssl ?? before?.ssl ?? false,
    key: input.key ?? before?.key ?? '',
  };
}

function describe(gateway: Gateway, target: Target): Record<string, unknown> {
  return {
    target_name: target.name,
    target_type: target.dbType,
    target_sub_type: target.dbType,
    target_id: target.id,
    comment: target.description,
    target_details: '',
    attributes: {},
    protection_key_name: target.key,
    with_customer_fragment: false,
    last_version: target.version,
    client_permissions: ['create', 'read', 'update', 'delete', 'list'],
    target_items_assoc: itemsOf(gateway, target).map((item) => ({
      item_name: item.name,
      item_id: item.id,
      item_type: item.type,
    })),
    creation_date: dateOf(target.createdAt),
    modification_date: dateOf(target.modifiedAt),
  };
}

function details(target: Target): Record<string, unknown> {
  return {
    db_host_name: target.host,
    db_port: target.port,
    db_user_name: target.user,
    db_pwd: target.password,
    db_name: target.database,
    connection_type: 'credentials',
    ssl_connection_mode: target.ssl,
    ssl_connection_certificate: '',
    db_server_certificates: '',
    db_server_name: '',
  };
}

function itemsOf(gateway: Gateway, target: Target): Item[] {
  return gateway.items
    .list()
    .map((entry) => entry.value)
    .filter((item) => 'target' in item && item.target === target.name);
}
