import { z } from 'zod';
import { AkeylessError, alreadyExists, badRequest, notFound } from './akeyless-error.js';
import type { Gateway } from './gateway.js';
import type { Capability, KubernetesAuthConfig } from './model.js';
import { operation, optional, type Operation } from './operation.js';
import { authorize, type Caller } from './permissions.js';

const FIELDS = {
  name: z.string().min(1),
  'access-id': z.string(),
  'k8s-host': z.string(),
  'signing-key': z.string(),
  ...optional(z.string(), 'cluster-api-type', 'disable-issuer-validation', 'k8s-auth-type', 'k8s-ca-cert', 'k8s-client-certificate'),
  ...optional(z.string(), 'k8s-client-key', 'k8s-issuer', 'rancher-api-key', 'rancher-cluster-id', 'token-reviewer-jwt'),
  ...optional(z.number(), 'token-exp'),
  ...optional(z.boolean(), 'use-gw-service-account'),
};
type Fields = z.output<z.ZodObject<typeof FIELDS>>;

/** The gateway's own settings; who may change the method that a config is for may change the config. */
export const kubernetesAuthConfigs: Operation[] = [
  operation('/gateway-create-k8s-auth-config', FIELDS, ({ gateway }, input, caller) => {
    authorizeFor(gateway, caller, input['access-id'], 'update');
    if (gateway.kubernetesConfigs.get(input.name)) throw alreadyExists('k8s auth config', input.name);
    return save(gateway, `k8s-${gateway.nextNumber()}`, input);
  }),

  operation('/gateway-update-k8s-auth-config', { ...FIELDS, 'new-name': z.string().optional() }, ({ gateway }, input, caller) => {
    if (input['new-name'] !== undefined && input['new-name'] !== input.name) {
      throw new AkeylessError(501, 'the sandbox does not implement new-name of /gateway-update-k8s-auth-config');
    }
    authorizeFor(gateway, caller, input['access-id'], 'update');
    return save(gateway, find(gateway, caller, input.name, 'update').id, input);
  }),

  operation('/gateway-get-k8s-auth-config', { name: z.string() }, ({ gateway }, input, caller) => {
    const { id, name, accessId, host, caCert, issuer, reviewerToken } = find(gateway, caller, input.name, 'read');
    return {
      id,
      name,
      auth_method_access_id: accessId,
      k8s_host: host,
      k8s_ca_cert: Buffer.from(caCert).toString('base64'),
      k8s_issuer: issuer,
      k8s_token_reviewer_jwt: reviewerToken,
      use_local_ca_jwt: false,
    };
  }),

  operation('/gateway-delete-k8s-auth-config', { name: z.string() }, ({ gateway }, input, caller) => {
    gateway.kubernetesConfigs.delete(find(gateway, caller, input.name, 'update').name);
    return { cluster_id: 'sandbox' };
  }),
];

function save(gateway: Gateway, id: string, input: Fields): Record<string, unknown> {
  if (input['use-gw-service-account']) {
    throw new AkeylessError(501, "the sandbox's gateway runs in no cluster and has no service account; give a token-reviewer-jwt");
  }
  const kind = input['k8s-auth-type'] ?? 'token';
  if (kind !== 'token') throw new AkeylessError(501, `the sandbox does not implement k8s-auth-type ${kind}`);
  if (!URL.canParse(input['k8s-host'])) throw badRequest(`invalid k8s-host "${input['k8s-host']}": it must be a URL`);
  gateway.kubernetesConfigs.set(input.name, {
    id,
    name: input.name,
    accessId: input['access-id'],
    host: input['k8s-host'],
    caCert: Buffer.from(input['k8s-ca-cert'] ?? '', 'base64').toString(),
    issuer: input['k8s-issuer'] ?? '',
    reviewerToken: input['token-reviewer-jwt'] ?? '',
    signingKey: input['signing-key'],
  });
  return { cluster_id: 'sandbox' };
}

function find(gateway: Gateway, caller: Caller, name: string, capability: Capability): KubernetesAuthConfig {
  const config = gateway.kubernetesConfigs.get(name);
  if (!config) throw notFound('k8s auth config', name);
  authorizeFor(gateway, caller, config.accessId, capability);
  return config;
}

function authorizeFor(gateway: Gateway, caller: Caller, accessId: string, capability: Capability): void {
  authorize(caller, 'auth-method-rule', gateway.methodOf(accessId)?.name ?? `/${accessId}`, capability);
}
