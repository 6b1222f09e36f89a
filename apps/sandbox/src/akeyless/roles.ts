import { z } from 'zod';
import { alreadyExists, badRequest, notFound } from './akeyless-error.js';
import { dateOf, fullName, type Gateway } from './gateway.js';
import type { Capability, Role, Rule, RuleType } from './model.js';
import { operation, optional, type Operation } from './operation.js';
import { authorize, type Caller, may } from './permissions.js';

const CREATE_FIELDS = {
  name: z.string().min(1),
  ...optional(z.string(), 'analytics-access', 'audit-access', 'comment', 'delete_protection', 'description', 'event-center-access'),
  ...optional(z.string(), 'event-forwarders-access', 'gw-analytics-access', 'reverse-rbac-access', 'sra-reports-access'),
  ...optional(z.string(), 'usage-reports-access'),
  ...optional(z.array(z.string()), 'event-forwarders-name'),
};

const RULE_TYPES: readonly RuleType[] = ['item-rule', 'target-rule', 'role-rule', 'auth-method-rule'];
const CAPABILITIES: readonly Capability[] = ['create', 'read', 'update', 'delete', 'list', 'deny'];

export const roles: Operation[] = [
  operation('/create-role', CREATE_FIELDS, ({ gateway }, input, caller) => {
    const name = fullName(input.name);
    authorize(caller, 'role-rule', name, 'create');
    if (gateway.roles.get(name)) throw alreadyExists('role', name);
    const now = gateway.clock.now();
    const description = input.description ?? input.comment ?? '';
    const deleteProtection = input.delete_protection === 'true';
    const id = gateway.nextNumber();
    gateway.roles.set(name, { id, name, description, deleteProtection, rules: [], createdAt: now, modifiedAt: now });
    return { role_name: name };
  }),

  operation('/get-role', { name: z.string() }, ({ gateway }, input, caller) =>
    describe(gateway, find(gateway, caller, input.name, 'read')),
  ),

  operation('/list-roles', optional(z.string(), 'filter', 'pagination-token'), ({ gateway }, { filter = '' }, caller) => {
    const found = gateway.roles
      .list()
      .map((entry) => entry.value)
      .filter((role) => role.name.includes(filter) && may(caller, 'role-rule', role.name, 'list'));
    return { roles: found.map((role) => describe(gateway, role)), next_page: '' };
  }),

  operation('/delete-role', { name: z.string() }, ({ gateway }, input, caller) => {
    const role = find(gateway, caller, input.name, 'delete');
    if (role.deleteProtection) throw badRequest(`the role ${role.name} is protected from deletion`);
    for (const association of gateway.associationsWith(role.name)) gateway.dissociate(association);
    gateway.roles.delete(role.name);
    return {};
  }),

  operation(
    '/set-role-rule',
    {
      'role-name': z.string(),
      path: z.string(),
      capability: z.array(z.string()).min(1),
      ...optional(z.string(), 'rule-type'),
      ...optional(z.number(), 'ttl'),
    },
    ({ gateway }, input, caller) => {
      const role = find(gateway, caller, input['role-name'], 'update');
      const rule: Rule = {
        type: ruleType(input['rule-type']),
        path: fullName(input.path),
        capabilities: input.capability.map(capability),
      };
      save(gateway, role, [...without(role.rules, rule), rule]);
      return {};
    },
  ),

  operation(
    '/delete-role-rule',
    { 'role-name': z.string(), path: z.string(), ...optional(z.string(), 'rule-type') },
    ({ gateway }, input, caller) => {
      const role = find(gateway, caller, input['role-name'], 'update');
      const kept = without(role.rules, { type: ruleType(input['rule-type']), path: fullName(input.path) });
      const deleted = kept.length < role.rules.length;
      if (deleted) save(gateway, role, kept);
      return { deleted, result: deleted ? 'the rule was deleted' : 'there is no such rule' };
    },
  ),
];

function find(gateway: Gateway, caller: Caller, asked: string, wanted: Capability): Role {
  const name = fullName(asked);
  authorize(caller, 'role-rule', name, wanted);
  const role = gateway.roles.get(name);
  if (!role) throw notFound('role', name);
  return role;
}

function save(gateway: Gateway, role: Role, rules: Rule[]): void {
  gateway.roles.set(role.name, { ...role, rules, modifiedAt: gateway.clock.now() });
}

function without(rules: readonly Rule[], { type, path }: Pick<Rule, 'type' | 'path'>): Rule[] {
  return rules.filter((rule) => rule.type !== type || rule.path !== path);
}

function ruleType(asked = 'item-rule'): RuleType {
  const found = RULE_TYPES.find((type) => type === asked);
  if (!found) throw badRequest(`the sandbox knows the rule types ${RULE_TYPES.join(', ')}, and not ${asked}`);
  return found;
}

function capability(asked: string): Capability {
  const found = CAPABILITIES.find((known) => known === asked);
  if (!found) throw badRequest(`invalid capability ${asked}: it must be one of ${CAPABILITIES.join(', ')}`);
  return found;
}

function describe(gateway: Gateway, role: Role): Record<string, unknown> {
  const held = gateway.associationsWith(role.name);
  return {
    role_id: role.id,
    role_name: role.name,
    comment: role.description,
    delete_protection: role.deleteProtection,
    rules: { admin: false, path_rules: role.rules },
    role_auth_methods_assoc: held.map(({ id, method, subClaims, caseSensitive }) => ({
      assoc_id: id,
      auth_method_name: method,
      auth_method_id: gateway.methods.get(method)?.id,
      auth_method_access_id: gateway.methods.get(method)?.accessId,
      auth_method_sub_claims: subClaims,
      sub_claims_case_sensitive: caseSensitive,
    })),
    client_permissions: ['create', 'read', 'update', 'delete', 'list'],
    creation_date: dateOf(role.createdAt),
    modification_date: dateOf(role.modifiedAt),
  };
}
