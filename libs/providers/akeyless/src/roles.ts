import { z } from 'zod';
import { type AkeylessClient, anyAnswer } from './client.js';
import { ownerOf } from './ownership.js';

export interface Role {
  owner: string | null;
  rules: Rule[];
  associations: Association[];
}

export interface Rule {
  /** `item-rule`, `target-rule`, … */
  type: string;
  path: string;
  capabilities: string[];
}

/** Who has the role: those who log in by the method and bring these claims. */
interface Association {
  id: string;
  method: string;
  /** Any one of the values of each. */
  subClaims: Record<string, string[]>;
}

const RuleAnswer = z.object({
  type: z.string().catch(''),
  path: z.string(),
  capabilities: z.array(z.string()).nullish().transform((all) => all ?? []),
});

const AssociationAnswer = z
  .object({
    assoc_id: z.string(),
    auth_method_name: z.string().catch(''),
    auth_method_sub_claims: z.record(z.string(), z.array(z.string())).nullish(),
  })
  .transform(({ assoc_id: id, auth_method_name: method, auth_method_sub_claims: claims }): Association => ({
    id,
    method,
    subClaims: claims ?? {},
  }));

/** What was sent as `description` comes back as `comment`. Go writes an empty list as null. */
const RoleAnswer = z
  .object({
    comment: z.string().nullish(),
    rules: z.object({ path_rules: z.array(RuleAnswer).nullish() }).nullish(),
    role_auth_methods_assoc: z.array(AssociationAnswer).nullish(),
  })
  .transform((role): Role => ({
    owner: ownerOf(role.comment),
    rules: role.rules?.path_rules ?? [],
    associations: role.role_auth_methods_assoc ?? [],
  }));

export async function findRole(client: AkeylessClient, name: string, signal: AbortSignal): Promise<Role | undefined> {
  return client.find({ doing: `look at role ${name}`, signal }, RoleAnswer, (api, token) => api.getRole({ name, token }));
}

export async function createRole(client: AkeylessClient, name: string, description: string, signal: AbortSignal): Promise<void> {
  await client.call({ doing: `create role ${name}`, writes: true, signal }, anyAnswer, (api, token) =>
    api.createRole({ name, description, token }),
  );
}

/** Its associations go first: whether a role that has some may be deleted differs. */
export async function deleteRole(client: AkeylessClient, name: string, role: Role, signal: AbortSignal): Promise<void> {
  for (const association of role.associations) await deleteAssociation(client, name, association, signal);
  await client.call({ doing: `delete role ${name}`, writes: true, signal }, anyAnswer, (api, token) =>
    api.deleteRole({ name, token }),
  );
}

export async function setRule(client: AkeylessClient, role: string, rule: Rule, signal: AbortSignal): Promise<void> {
  const call = { doing: `let role ${role} ${rule.capabilities.join(' and ')} ${rule.path}`, writes: true, signal };
  await client.call(call, anyAnswer, (api, token) =>
    api.setRoleRule({ 'role-name': role, 'rule-type': rule.type, path: rule.path, capability: rule.capabilities, token }),
  );
}

export async function deleteRule(client: AkeylessClient, role: string, { type, path }: Rule, signal: AbortSignal): Promise<void> {
  const call = { doing: `take ${path} away from role ${role}`, writes: true, signal };
  await client.call(call, anyAnswer, (api, token) =>
    api.deleteRoleRule({ 'role-name': role, path, ...(type !== '' && { 'rule-type': type }), token }),
  );
}

export async function associate(
  client: AkeylessClient,
  role: string,
  method: string,
  subClaims: Record<string, string>,
  signal: AbortSignal,
): Promise<void> {
  const call = { doing: `associate role ${role} with auth method ${method}`, writes: true, signal };
  await client.call(call, anyAnswer, (api, token) =>
    api.assocRoleAuthMethod({ 'role-name': role, 'am-name': method, 'sub-claims': subClaims, 'case-sensitive': 'true', token }),
  );
}

export async function deleteAssociation(
  client: AkeylessClient,
  role: string,
  { id, method }: Association,
  signal: AbortSignal,
): Promise<void> {
  const call = { doing: `end the association of role ${role} with auth method ${method}`, writes: true, signal };
  await client.call(call, anyAnswer, (api, token) => api.deleteRoleAssociation({ 'assoc-id': id, token }));
}
