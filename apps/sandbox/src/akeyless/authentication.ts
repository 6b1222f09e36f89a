import { timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { AkeylessError, badRequest } from './akeyless-error.js';
import { dateOf } from './gateway.js';
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

export const authentication: Operation[] = [
  openOperation('/auth', AUTH_FIELDS, ({ gateway }, input) => {
    const type = input['access-type'] ?? 'access_key';
    if (type !== 'access_key') throw new AkeylessError(501, `the sandbox does not implement access-type ${type} of /auth`);
    const [id, key] = [input['access-id'], input['access-key']];
    if (id === undefined || key === undefined) throw badRequest('missing required parameter: access-id and access-key');
    const access = gateway.accesses.find((candidate) => candidate.id === id);
    if (!access || !same(access.key, key))
      throw new AkeylessError(401, 'UnauthorizedAccess: failed to authenticate with the given credentials');
    const { token, expiresAt } = gateway.issueToken(access);
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

function same(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
