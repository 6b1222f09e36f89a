import { z } from 'zod';
import { sameText } from '../core/same-text.js';
import { AkeylessError, badRequest, authenticationFailed } from './akeyless-error.js';
import { proveJwt } from './prove-jwt.js';
import { proveKubernetesToken } from './prove-kubernetes-token.js';
import { dateOf, type Gateway } from './gateway.js';
import type { AuthMethod, Claims } from './model.js';
import { openOperation, optional, type Operation } from './operation.js';

const AUTH_FIELDS = {
  ...optional(z.boolean(), 'debug', 'use-remote-browser'),
  ...optional(z.array(z.string()), 'oci-group-ocid'),
  ...optional(z.string(), 'access-id', 'access-key', 'access-type', 'account-id', 'admin-email', 'admin-password', 'azure-cloud'),
  ...optional(z.string(), 'cert-challenge', 'cert-data', 'cloud-id', 'disable-pafxfast', 'gateway-spn', 'gateway-url'),
  ...optional(z.string(), 'gcp-audience', 'jwt', 'k8s-auth-config-name', 'k8s-service-account-token', 'kerberos-token'),
  ...optional(z.string(), 'kerberos-username', 'key-data', 'keytab-data', 'krb5-conf-data', 'ldap-password', 'oci-auth-type'),
  ...optional(z.string(), 'otp', 'signed-cert-challenge', 'username'),
};
type AuthFields = z.output<z.ZodObject<typeof AUTH_FIELDS>>;

export const authentication: Operation[] = [
  openOperation('/auth', AUTH_FIELDS, async ({ gateway }, input) => {
    const id = input['access-id'];
    if (id === undefined) throw badRequest('missing required parameter: access-id');
    const { method, claims } = await prove(gateway, input, id);
    const { token, expiresAt } = gateway.issueToken(method, claims);
    const creds = { access_id: id, token, expiry: Math.floor(expiresAt / 1000), auth_creds: '', kfm_creds: '', uam_creds: '' };
    return { token, expiration: dateOf(expiresAt), creds };
  }),

  openOperation('/validate-token', {}, ({ gateway }, input) => {
    const { token } = input as { token?: string };
    const found = gateway.findToken(token ?? '');
    if (!found) return { is_valid: false, reason: 'token is invalid or expired' };
    const ttl = Math.floor((found.expiresAt - gateway.clock.now()) / 1000);
    return { is_valid: true, expiration: dateOf(found.expiresAt), ttl };
  }),
];

/** @throws AkeylessError 401 where what is shown does not prove the method. */
async function prove(gateway: Gateway, input: AuthFields, id: string): Promise<{ method: AuthMethod; claims: Claims }> {
  const type = input['access-type'] ?? 'access_key';
  const method = gateway.methodOf(id);
  if (type === 'access_key') {
    const key = input['access-key'];
    if (key === undefined) throw badRequest('missing required parameter: access-key');
    if (method?.rules.type !== 'api_key' || !sameText(key, method.rules.key)) throw authenticationFailed();
    return { method, claims: {} };
  }
  if (type === 'jwt') {
    if (input.jwt === undefined) throw badRequest('missing required parameter: jwt');
    if (method?.rules.type !== 'oauth2') throw authenticationFailed();
    return { method, claims: await proveJwt(input.jwt, method.rules, gateway.clock) };
  }
  if (type === 'k8s') {
    const [config, token] = [input['k8s-auth-config-name'], input['k8s-service-account-token']];
    if (config === undefined) throw badRequest('missing required parameter: k8s-auth-config-name');
    if (token === undefined) throw badRequest('missing required parameter: k8s-service-account-token');
    if (method?.rules.type !== 'k8s') throw authenticationFailed();
    const found = gateway.kubernetesConfigs.get(config);
    if (!found || found.accessId !== id) throw badRequest(`the k8s auth config ${config} of ${id} was not found in this gateway`);
    return { method, claims: await proveKubernetesToken(token, method.rules, found) };
  }
  throw new AkeylessError(501, `the sandbox does not implement access-type ${type} of /auth`);
}
