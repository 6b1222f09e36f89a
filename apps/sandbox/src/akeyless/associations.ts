import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { alreadyExists, badRequest, notFound } from './akeyless-error.js';
import { fullName, type Gateway } from './gateway.js';
import type { Association, Capability, Claims } from './model.js';
import { operation, optional, type Operation } from './operation.js';
import { authorize, type Caller } from './permissions.js';

const SUB_CLAIM_FIELDS = {
  ...optional(z.string(), 'case-sensitive'),
  ...optional(z.record(z.string(), z.string()), 'sub-claims'),
};

export const associations: Operation[] = [
  operation(
    '/assoc-role-am',
    { 'role-name': z.string(), 'am-name': z.string(), ...SUB_CLAIM_FIELDS },
    ({ gateway }, input, caller) => {
      const [role, method] = [fullName(input['role-name']), fullName(input['am-name'])];
      authorize(caller, 'role-rule', role, 'update');
      authorize(caller, 'auth-method-rule', method, 'update');
      if (!gateway.roles.get(role)) throw notFound('role', role);
      const found = gateway.methods.get(method);
      if (!found) throw notFound('auth method', method);
      const subClaims = parseSubClaims(input['sub-claims']);
      if (found.forceSubClaims && Object.keys(subClaims).length === 0) {
        throw badRequest(`the auth method ${method} must be associated with sub-claims`);
      }
      const existing = gateway.associationsOf(method).some((other) => other.role === role);
      if (existing) throw alreadyExists('association', `of ${role} with ${method}`);
      const id = `ass-${randomBytes(10).toString('hex')}`;
      gateway.associate({ id, role, method, subClaims, caseSensitive: input['case-sensitive'] !== 'false' });
      return { assoc_id: id };
    },
  ),

  operation('/update-assoc', { 'assoc-id': z.string(), ...SUB_CLAIM_FIELDS }, ({ gateway }, input, caller) => {
    const before = find(gateway, caller, input['assoc-id'], 'update');
    gateway.associate({
      ...before,
      ...(input['sub-claims'] && { subClaims: parseSubClaims(input['sub-claims']) }),
      ...(input['case-sensitive'] !== undefined && { caseSensitive: input['case-sensitive'] !== 'false' }),
    });
    return {};
  }),

  operation('/describe-role-am-assoc', { 'assoc-id': z.string() }, ({ gateway }, input, caller) => {
    const { id, role, method, subClaims, caseSensitive } = find(gateway, caller, input['assoc-id'], 'read');
    return {
      assoc_id: id,
      role_name: role,
      auth_method_name: method,
      auth_method_sub_claims: subClaims,
      sub_claims_case_sensitive: caseSensitive,
    };
  }),

  operation('/delete-assoc', { 'assoc-id': z.string() }, ({ gateway }, input, caller) => {
    gateway.dissociate(find(gateway, caller, input['assoc-id'], 'update'));
    return {};
  }),
];

function find(gateway: Gateway, caller: Caller, id: string, capability: Capability): Association {
  const found = gateway.association(id);
  if (!found) throw notFound('association', id);
  authorize(caller, 'role-rule', found.role, capability);
  return found;
}

/** Several values of one claim are written with commas; any of them will do. */
function parseSubClaims(asked: Record<string, string> = {}): Claims {
  const entries = Object.entries(asked).map(([claim, values]) => [claim, values.split(',').map((value) => value.trim())] as const);
  return Object.fromEntries(entries);
}
