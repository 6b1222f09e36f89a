import { z } from 'zod';
import { AkeylessError, alreadyExists, badRequest } from './akeyless-error.js';
import { unlock } from './customer-fragment.js';
import { dateOf, fullName, type Gateway } from './gateway.js';
import { removeItem } from './items.js';
import type { Capability, RotatedSecret } from './model.js';
import { operation, optional, type Operation } from './operation.js';
import { passwordLength } from './password-length.js';
import { authorize, type Caller, may } from './permissions.js';
import { currentLogin, nextRotation } from './rotations.js';

const MYSQL_FIELDS = {
  name: z.string().min(1),
  'target-name': z.string().min(1),
  'rotator-type': z.string().min(1),
  ...optional(z.string(), 'authentication-credentials', 'auto-rotate', 'delete_protection', 'description', 'key', 'max-versions'),
  ...optional(z.string(), 'lock-during-sra-session', 'password-length', 'rotate-after-disconnect', 'rotated-password'),
  ...optional(z.string(), 'rotated-username', 'rotation-interval', 'secure-access-bastion-issuer', 'secure-access-db-name'),
  ...optional(z.string(), 'secure-access-certificate-issuer', 'secure-access-enable'),
  ...optional(z.number(), 'rotation-hour'),
  ...optional(z.boolean(), 'secure-access-web'),
  ...optional(z.array(z.string()), 'rotation-event-in', 'secure-access-host', 'tags'),
  ...optional(z.record(z.string(), z.string()), 'item-custom-fields'),
};
type MysqlFields = z.output<z.ZodObject<typeof MYSQL_FIELDS>>;

const VALUE_FIELDS = {
  // One name, whatever the field is called.
  names: z.string(),
  ...optional(z.string(), 'host', 'ignore-cache'),
  ...optional(z.number(), 'version'),
};

export const rotatedSecrets: Operation[] = [
  operation('/rotated-secret-create-mysql', MYSQL_FIELDS, async ({ gateway, rotations }, input, caller) => {
    const name = fullName(input.name);
    authorize(caller, 'item-rule', name, 'create');
    if (gateway.items.get(name)) throw alreadyExists('item', name);
    const secret = newSecret(gateway, name, input, caller);
    await unlock(gateway, secret.key);
    gateway.items.set(name, secret);
    rotations.schedule(secret);
    return { name };
  }),

  operation('/get-rotated-secret-value', VALUE_FIELDS, async ({ gateway }, input, caller) => {
    const secret = find(gateway, caller, input.names, 'read');
    if (input.version !== undefined && input.version !== 0 && input.version !== secret.version) {
      throw new AkeylessError(501, 'the sandbox keeps the latest version of a rotated secret alone');
    }
    await unlock(gateway, secret.key);
    return { value: currentLogin(secret, gateway.targets.get(secret.target)) };
  }),

  operation(
    '/gateway-rotate-secret',
    { name: z.string(), ...optional(z.string(), 'rotate-all-services'), ...optional(z.boolean(), 'RotateAllServicesBoolean') },
    async ({ gateway, rotations }, input, caller) => {
      const { name } = find(gateway, caller, input.name, 'update');
      await rotations.rotate(name);
      return { name };
    },
  ),

  operation('/rotated-secret-list', {}, ({ gateway }, _input, caller) => {
    const found = gateway.items
      .list()
      .map((entry) => entry.value)
      .filter((item) => item.type === 'ROTATED_SECRET' && may(caller, 'item-rule', item.name, 'list')) as RotatedSecret[];
    return {
      producers: found.map(({ id, name, failure }) => ({ id, name, type: 'mysql', active: true, failure_message: failure })),
      producers_errors: {},
    };
  }),

  operation(
    '/rotated-secret-delete',
    { name: z.string(), version: z.number().optional() },
    ({ gateway, rotations }, input, caller) => {
      const secret = find(gateway, caller, input.name, 'delete');
      removeItem(gateway, secret);
      rotations.forget(secret.name);
      return { item_id: secret.id, item_name: secret.name, deletion_date: dateOf(gateway.clock.now()) };
    },
  ),
];

function find(gateway: Gateway, caller: Caller, asked: string, capability: Capability): RotatedSecret {
  const item = gateway.item(caller, fullName(asked), capability);
  if (item.type !== 'ROTATED_SECRET') throw badRequest(`the item ${item.name} is no rotated secret`);
  return item;
}

function newSecret(gateway: Gateway, name: string, input: MysqlFields, caller: Caller): RotatedSecret {
  const target = gateway.target(caller, fullName(input['target-name']), 'read');
  const rotator = input['rotator-type'];
  if (rotator !== 'target' && rotator !== 'password') {
    throw badRequest(`invalid rotator-type ${rotator}: it must be target or password`);
  }
  const [username = '', password = ''] = [input['rotated-username'], input['rotated-password']];
  if (rotator === 'password' && (username === '' || password === '')) {
    throw badRequest('missing required parameter: rotated-username and rotated-password');
  }
  const login = input['authentication-credentials'] ?? 'use-user-creds';
  if (login !== 'use-user-creds' && login !== 'use-target-creds') throw badRequest(`invalid authentication-credentials ${login}`);
  const now = gateway.clock.now();
  const auto = input['auto-rotate'] === 'true';
  const times = { intervalDays: days(input['rotation-interval']), hour: hour(input['rotation-hour']) };
  return {
    type: 'ROTATED_SECRET',
    id: gateway.nextNumber(),
    name,
    target: target.name,
    rotator,
    login,
    username,
    password,
    passwordLength: passwordLength(input['password-length']),
    auto,
    ...times,
    ...(auto && { nextAt: nextRotation(now, times) }),
    rotatedAt: now,
    failure: '',
    description: input.description ?? '',
    tags: input.tags ?? [],
    deleteProtection: input.delete_protection === 'true',
    key: input.key ?? '',
    version: 1,
    createdAt: now,
    modifiedAt: now,
  };
}

function days(text = '90'): number {
  const interval = Number(text);
  if (Number.isInteger(interval) && interval >= 1 && interval <= 365) return interval;
  throw badRequest(`invalid rotation-interval "${text}": it must be 1 to 365 days`);
}

function hour(asked = 0): number {
  if (Number.isInteger(asked) && asked >= 0 && asked <= 23) return asked;
  throw badRequest(`invalid rotation-hour ${asked}: it must be 0 to 23`);
}
