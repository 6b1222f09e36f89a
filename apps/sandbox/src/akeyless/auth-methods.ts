import { generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';
import { z } from 'zod';
import { randomText } from '../core/credentials.js';
import { AkeylessError, alreadyExists, badRequest, notFound } from './akeyless-error.js';
import { dateOf, fullName, type Gateway } from './gateway.js';
import type { AuthMethod, Capability } from './model.js';
import { operation, optional, type Operation } from './operation.js';
import { authorize, type Caller, may } from './permissions.js';

const COMMON_FIELDS = {
  name: z.string().min(1),
  ...optional(z.number(), 'access-expires', 'jwt-ttl'),
  ...optional(z.boolean(), 'force-sub-claims'),
  ...optional(z.string(), 'delete_protection', 'description'),
  ...optional(z.array(z.string()), 'allowed-client-type', 'audit-logs-claims', 'bound-ips', 'expiration-event-in', 'gw-bound-ips'),
  ...optional(z.array(z.string()), 'product-type'),
};
type CommonFields = z.output<z.ZodObject<typeof COMMON_FIELDS>>;

const KUBERNETES_FIELDS = {
  ...COMMON_FIELDS,
  ...optional(z.string(), 'audience', 'gen-key', 'public-key'),
  ...optional(z.array(z.string()), 'bound-namespaces', 'bound-pod-names', 'bound-sa-names'),
};

const OAUTH2_FIELDS = {
  ...COMMON_FIELDS,
  'unique-identifier': z.string().min(1),
  ...optional(z.string(), 'audience', 'cert', 'cert-file-data', 'gateway-url', 'issuer', 'jwks-json-data', 'jwks-uri'),
  ...optional(z.array(z.string()), 'bound-client-ids', 'subclaims-delimiters'),
};

export const authMethods: Operation[] = [
  operation('/auth-method-create-api-key', COMMON_FIELDS, ({ gateway }, input, caller) => {
    const key = `${randomText(43)}=`;
    const { accessId, name } = create(gateway, caller, input, { type: 'api_key', key });
    return { access_id: accessId, access_key: key, name };
  }),

  operation('/auth-method-create-k8s', KUBERNETES_FIELDS, async ({ gateway }, input, caller) => {
    const { publicKey, privateKey } = await keysFor(input['public-key'], input['gen-key']);
    const { accessId, name } = create(gateway, caller, input, {
      type: 'k8s',
      audience: input.audience ?? '',
      publicKey,
      namespaces: input['bound-namespaces'] ?? [],
      serviceAccounts: input['bound-sa-names'] ?? [],
      pods: input['bound-pod-names'] ?? [],
    });
    return { access_id: accessId, name, ...(privateKey !== undefined && { prv_key: privateKey }) };
  }),

  // What the product calls JWT, the API calls OAuth2.
  operation('/auth-method-create-oauth2', OAUTH2_FIELDS, ({ gateway }, input, caller) => {
    if (input.cert !== undefined || input['cert-file-data'] !== undefined) {
      throw new AkeylessError(501, 'the sandbox takes the keys of an issuer from jwks-uri or jwks-json-data alone');
    }
    const [jwksUri = '', jwksJson = ''] = [input['jwks-uri'], input['jwks-json-data']];
    if (!URL.canParse(jwksUri) && jwksJson === '') throw badRequest('missing required parameter: jwks-uri');
    const { accessId, name } = create(gateway, caller, input, {
      type: 'oauth2',
      issuer: input.issuer ?? '',
      audience: input.audience ?? '',
      jwksUri,
      jwksJson,
      uniqueIdentifier: input['unique-identifier'],
      clientIds: input['bound-client-ids'] ?? [],
    });
    return { access_id: accessId, name };
  }),

  operation('/auth-method-get', { name: z.string() }, ({ gateway }, input, caller) =>
    describe(gateway, find(gateway, caller, input.name, 'read')),
  ),

  operation(
    '/auth-method-list',
    { ...optional(z.string(), 'filter', 'pagination-token'), ...optional(z.array(z.string()), 'type') },
    ({ gateway }, { filter = '', type }, caller) => {
      const found = gateway.methods
        .list()
        .map((entry) => entry.value)
        .filter((method) => method.name.includes(filter) && (type === undefined || type.includes(method.rules.type)))
        .filter((method) => may(caller, 'auth-method-rule', method.name, 'list'));
      return { auth_methods: found.map((method) => describe(gateway, method)), next_page: '' };
    },
  ),

  operation('/auth-method-delete', { name: z.string() }, ({ gateway }, input, caller) => {
    const method = find(gateway, caller, input.name, 'delete');
    if (method.deleteProtection) throw badRequest(`the auth method ${method.name} is protected from deletion`);
    for (const association of gateway.associationsOf(method.name)) gateway.dissociate(association);
    gateway.methods.delete(method.name);
    return { name: method.name };
  }),
];

function create(gateway: Gateway, caller: Caller, input: CommonFields, rules: AuthMethod['rules']): AuthMethod {
  const name = fullName(input.name);
  authorize(caller, 'auth-method-rule', name, 'create');
  if (gateway.methods.get(name)) throw alreadyExists('auth method', name);
  const now = gateway.clock.now();
  const method: AuthMethod = {
    id: gateway.nextNumber(),
    name,
    accessId: `p-${randomText(14).toLowerCase()}`,
    description: input.description ?? '',
    deleteProtection: input.delete_protection === 'true',
    forceSubClaims: input['force-sub-claims'] ?? false,
    tokenLife: input['jwt-ttl'] ?? 0,
    createdAt: now,
    modifiedAt: now,
    rules,
  };
  gateway.methods.set(name, method);
  return method;
}

function find(gateway: Gateway, caller: Caller, asked: string, capability: Capability): AuthMethod {
  const name = fullName(asked);
  authorize(caller, 'auth-method-rule', name, capability);
  const method = gateway.methods.get(name);
  if (!method) throw notFound('auth method', name);
  return method;
}

/** The private half is answered once and not kept. */
async function keysFor(given: string | undefined, generate = 'true'): Promise<{ publicKey: string; privateKey?: string }> {
  if (given !== undefined) return { publicKey: Buffer.from(given, 'base64').toString() };
  if (generate === 'false') throw badRequest('missing required parameter: public-key');
  const pair = await promisify(generateKeyPair)('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  return { publicKey: pair.publicKey, privateKey: Buffer.from(pair.privateKey).toString('base64') };
}

function describe(gateway: Gateway, method: AuthMethod): Record<string, unknown> {
  const held = gateway.associationsOf(method.name);
  return {
    auth_method_id: method.id,
    auth_method_name: method.name,
    auth_method_access_id: method.accessId,
    description: method.description,
    delete_protection: method.deleteProtection,
    access_info: {
      rules_type: method.rules.type,
      access_expires: 0,
      cidr_whitelist: '',
      force_sub_claims: method.forceSubClaims,
      jwt_ttl: method.tokenLife,
      ...describeRules(method.rules),
    },
    auth_method_roles_assoc: held.map(({ id, role, subClaims, caseSensitive }) => ({
      assoc_id: id,
      role_id: gateway.roles.get(role)?.id,
      role_name: role,
      auth_method_sub_claims: subClaims,
      is_sub_claims_case_sensitive: caseSensitive,
    })),
    client_permissions: ['create', 'read', 'update', 'delete', 'list'],
    is_approved: true,
    creation_date: dateOf(method.createdAt),
    modification_date: dateOf(method.modifiedAt),
  };
}

function describeRules(rules: AuthMethod['rules']): Record<string, unknown> {
  switch (rules.type) {
    case 'api_key':
      return { api_key_access_rules: {} };
    case 'oauth2': {
      const { issuer, audience, jwksUri, jwksJson, uniqueIdentifier, clientIds } = rules;
      const described = { issuer, audience, jwks_uri: jwksUri, jwks_json_data: jwksJson, bound_clients_id: clientIds };
      return { oauth2_access_rules: { ...described, unique_identifier: uniqueIdentifier, bound_claims: [] } };
    }
    case 'k8s': {
      const { audience, publicKey, namespaces, serviceAccounts, pods } = rules;
      const bound = { bound_namespaces: namespaces, bound_service_account_names: serviceAccounts, bound_pod_names: pods };
      return { k8s_access_rules: { alg: 'RS256', audience, pub_key: Buffer.from(publicKey).toString('base64'), ...bound } };
    }
  }
}
