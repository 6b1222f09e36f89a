import { z } from 'zod';
import { AkeylessError, alreadyExists, badRequest, notFound } from './akeyless-error.js';
import { unlock } from './customer-fragment.js';
import { dateOf, fullName, type Gateway } from './gateway.js';
import { removeItem } from './items.js';
import type { Capability, DynamicSecret, Lease } from './model.js';
import { operation, optional, type Operation } from './operation.js';
import { authorize, type Caller, may } from './permissions.js';
import { passwordLength } from './password-length.js';
import { producerDetails } from './producer-details.js';
import { DEFAULT_CREATION, DEFAULT_REVOCATION } from './statements.js';
import { DatabaseFailure, withDatabase } from './target-connection.js';

const MYSQL_FIELDS = {
  name: z.string().min(1),
  ...optional(
    z.string(),
    'target-name',
    'mysql-screation-statements',
    'mysql-revocation-statements',
    'user-ttl',
    'password-length',
  ),
  ...optional(
    z.string(),
    'mysql-dbname',
    'mysql-host',
    'mysql-password',
    'mysql-port',
    'mysql-username',
    'custom-username-template',
  ),
  ...optional(
    z.string(),
    'producer-encryption-key-name',
    'db-server-certificates',
    'db-server-name',
    'delete_protection',
    'description',
  ),
  ...optional(z.string(), 'secure-access-bastion-issuer', 'secure-access-certificate-issuer', 'secure-access-db-name'),
  ...optional(z.string(), 'secure-access-enable', 'ssl-certificate'),
  ...optional(z.array(z.string()), 'tags', 'secure-access-host'),
  ...optional(z.boolean(), 'ssl', 'secure-access-web'),
  ...optional(z.number(), 'secure-access-delay'),
  ...optional(z.record(z.string(), z.string()), 'item-custom-fields'),
};
type MysqlFields = z.output<z.ZodObject<typeof MYSQL_FIELDS>>;

const VALUE_FIELDS = {
  name: z.string(),
  ...optional(z.array(z.string()), 'args'),
  ...optional(z.string(), 'dbname', 'host', 'target'),
  ...optional(z.number(), 'timeout'),
};

export const dynamicSecrets: Operation[] = [
  operation('/dynamic-secret-create-mysql', MYSQL_FIELDS, async ({ gateway }, input, caller) => {
    const name = fullName(input.name);
    authorize(caller, 'item-rule', name, 'create');
    if (gateway.items.get(name)) throw alreadyExists('item', name);
    const now = gateway.clock.now();
    const settled = settings(gateway, input, caller);
    const base = { type: 'DYNAMIC_SECRET' as const, id: gateway.nextNumber(), name, version: 1, createdAt: now, modifiedAt: now };
    return store(gateway, { ...base, ...settled, active: true, failure: '' });
  }),

  operation(
    '/dynamic-secret-update-mysql',
    { ...MYSQL_FIELDS, ...optional(z.string(), 'new-name') },
    async ({ gateway }, input, caller) => {
      if (input['new-name'] !== undefined)
        throw new AkeylessError(501, 'the sandbox does not implement new-name of /dynamic-secret-update-mysql');
      const before = find(gateway, caller, input.name, 'update');
      const { type, id, name, createdAt, active, failure } = before;
      const kept = { type, id, name, createdAt, active, failure, version: before.version + 1, modifiedAt: gateway.clock.now() };
      return store(gateway, { ...kept, ...settings(gateway, input, caller) });
    },
  ),

  operation('/dynamic-secret-get', { name: z.string() }, ({ gateway }, input, caller) =>
    producerDetails(gateway, find(gateway, caller, input.name, 'list')),
  ),

  operation('/dynamic-secret-list', {}, ({ gateway }, _input, caller) => {
    const found = gateway.items.list().map((entry) => entry.value);
    const producers = found.filter((item) => item.type === 'DYNAMIC_SECRET' && may(caller, 'item-rule', item.name, 'list')) as DynamicSecret[];
    return {
      producers: producers.map(({ id, name, active, failure }) => ({
        id,
        name,
        type: 'mysql',
        active,
        init: true,
        failure_message: failure,
      })),
      producers_errors: {},
    };
  }),

  operation('/dynamic-secret-delete', { name: z.string() }, ({ gateway }, input, caller) => {
    const secret = find(gateway, caller, input.name, 'delete');
    removeItem(gateway, secret);
    return { dynamic_secret_name: secret.name };
  }),

  operation('/dynamic-secret-get-value', VALUE_FIELDS, async ({ gateway, leases }, input, caller) => {
    const secret = find(gateway, caller, input.name, 'read');
    await unlock(gateway, secret.key);
    const { id, user, password, ttl } = await leases.issue(secret, caller);
    return { id, user, password, ttl_in_minutes: String(ttl) };
  }),

  // The capital letter is the API's own.
  operation('/dynamic-secret-tmp-creds-Get', { name: z.string() }, ({ gateway }, input, caller) => {
    const secret = find(gateway, caller, input.name, 'list');
    return gateway.leasesOf(secret.name).map((lease) => ({
      id: lease.id,
      access_id: lease.accessId,
      creation_date: dateOf(lease.createdAt),
      custom_ttl: lease.ttl,
      dynamic_secret_type: 'mysql',
      host: lease.host,
      sub_claims: lease.subClaims ?? {},
    }));
  }),

  operation(
    '/dynamic-secret-tmp-creds-delete',
    { name: z.string(), ...optional(z.string(), 'tmp-creds-id', 'host'), ...optional(z.boolean(), 'revoke-all', 'soft-delete') },
    async ({ gateway, leases }, input, caller) => {
      const secret = find(gateway, caller, input.name, 'delete');
      const all = gateway.leasesOf(secret.name);
      const doomed = input['revoke-all'] === true ? all : [lease(all, input['tmp-creds-id'], input.host)];
      for (const each of doomed) {
        if (input['soft-delete'] === true) leases.forget(each);
        else await leases.revoke(secret, each);
      }
      return {};
    },
  ),

  operation(
    '/dynamic-secret-tmp-creds-update',
    { name: z.string(), host: z.string(), 'tmp-creds-id': z.string(), 'new-ttl-min': z.number().int().positive() },
    ({ gateway, leases }, input, caller) => {
      const secret = find(gateway, caller, input.name, 'update');
      leases.extend(lease(gateway.leasesOf(secret.name), input['tmp-creds-id'], input.host), input['new-ttl-min']);
      return {};
    },
  ),
];

function find(gateway: Gateway, caller: Caller, name: string, capability: Capability): DynamicSecret {
  const item = gateway.item(caller, fullName(name), capability);
  if (item.type !== 'DYNAMIC_SECRET') throw badRequest(`the item ${item.name} is no dynamic secret`);
  return item;
}

function lease(leases: Lease[], id: string | undefined, host: string | undefined): Lease {
  if (id === undefined) throw badRequest('missing required parameter: tmp-creds-id or revoke-all');
  const found = leases.find((candidate) => candidate.id === id && (host === undefined || host === '' || host === candidate.host));
  if (!found) throw notFound('temporary credentials', id);
  return found;
}

/** Stores the secret with what a first connection told: one that cannot connect is stored too, inactive, and says why. */
async function store(gateway: Gateway, secret: DynamicSecret): Promise<Record<string, unknown>> {
  await unlock(gateway, secret.key);
  const failure = await connectionFailure(gateway, secret);
  const checked = { ...secret, active: failure === undefined, failure: failure ?? '' };
  gateway.items.set(checked.name, checked);
  return { dynamic_secret_details: producerDetails(gateway, checked) };
}

async function connectionFailure(gateway: Gateway, secret: DynamicSecret): Promise<string | undefined> {
  try {
    await withDatabase(gateway, secret, (connection) => connection.ping());
    return undefined;
  } catch (error) {
    if (error instanceof DatabaseFailure) return `failed to connect to the database: ${error.message}`;
    throw error;
  }
}

type Settings = Omit<DynamicSecret, 'type' | 'id' | 'name' | 'version' | 'createdAt' | 'modifiedAt' | 'active' | 'failure'>;

function settings(gateway: Gateway, input: MysqlFields, caller: Caller): Settings {
  const target = input['target-name'] ? fullName(input['target-name']) : undefined;
  if (target !== undefined) gateway.target(caller, target, 'read');
  const connection = {
    host: input['mysql-host'] ?? '127.0.0.1',
    port: input['mysql-port'] ?? '3306',
    user: input['mysql-username'] ?? '',
    password: input['mysql-password'] ?? '',
    database: input['mysql-dbname'] ?? '',
  };
  return {
    // SDKs send a default host even with a target; the target wins.
    ...(target === undefined ? { connection } : { target }),
    creation: input['mysql-screation-statements'] || DEFAULT_CREATION,
    revocation: input['mysql-revocation-statements'] || DEFAULT_REVOCATION,
    ttl: minutes(input['user-ttl'] || '60m'),
    passwordLength: passwordLength(input['password-length']),
    usernameTemplate: input['custom-username-template'] ?? '',
    description: input.description ?? '',
    tags: input.tags ?? [],
    deleteProtection: input.delete_protection === 'true',
    key: input['producer-encryption-key-name'] ?? '',
  };
}

/** `90s`, `60m`, `2h`, `1h30m`; counted in whole minutes, one at least. */
function minutes(text: string): number {
  const match = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/.exec(text);
  if (!match || text === '') throw badRequest(`time: invalid duration "${text}"`);
  const [hours, mins, seconds] = match.slice(1).map((part) => Number(part ?? 0));
  return Math.max(1, Math.ceil((hours ?? 0) * 60 + (mins ?? 0) + (seconds ?? 0) / 60));
}
