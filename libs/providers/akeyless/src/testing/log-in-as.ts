import { createSign, generateKeyPairSync } from 'node:crypto';
import type { Sandbox } from '@slipway/engine/testing';
import { z } from 'zod';
import { callAkeyless, post } from './call-akeyless.js';

const Login = z.object({ token: z.string() });

/** A namespace with service accounts in it. */
export async function makeServiceAccounts(sandbox: Sandbox, namespace: string, names: readonly string[]): Promise<void> {
  await change(sandbox, '/api/v1/namespaces', { metadata: { name: namespace } });
  for (const name of names) await change(sandbox, `/api/v1/namespaces/${namespace}/serviceaccounts`, { metadata: { name } });
}

/** As the kubelet projects it into a pod. */
export async function serviceAccountToken(sandbox: Sandbox, namespace: string, name: string, audience: string): Promise<string> {
  const request = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { audiences: [audience], expirationSeconds: 600 } };
  const answer = await change(sandbox, `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`, request);
  return z.object({ status: z.object({ token: z.string() }) }).parse(answer).status.token;
}

/** The token of Akeyless that a pod of this service account gets. */
export async function logInAsPod(sandbox: Sandbox, namespace: string, serviceAccount: string): Promise<string> {
  const { accessId, authConfig, audience } = sandbox.akeyless.access.kubernetes;
  const jwt = await serviceAccountToken(sandbox, namespace, serviceAccount, audience);
  const body = {
    'access-type': 'k8s',
    'access-id': accessId,
    'k8s-auth-config-name': authConfig,
    'k8s-service-account-token': Buffer.from(jwt).toString('base64'),
  };
  return Login.parse(await post(new URL('/auth', sandbox.akeyless.url), body)).token;
}

/** An auth method for the tokens of an issuer of the test's own, as GitHub Actions is one. */
export async function makeIssuer(sandbox: Sandbox, authMethod: string) {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const keys = { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'one', alg: 'RS256', use: 'sig' }] };
  const { access_id: accessId } = z.object({ access_id: z.string() }).parse(
    await callAkeyless(sandbox, '/auth-method-create-oauth2', {
      name: authMethod,
      'unique-identifier': 'repository_id',
      'force-sub-claims': true,
      audience: 'slipway-test',
      'jwks-json-data': Buffer.from(JSON.stringify(keys)).toString('base64'),
    }),
  );
  const tokenFor = (claims: Record<string, string>): string => {
    const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const now = Math.floor(Date.now() / 1_000);
    const signed = `${part({ alg: 'RS256', kid: 'one' })}.${part({ aud: 'slipway-test', iat: now, exp: now + 86_400, ...claims })}`;
    return `${signed}.${createSign('RSA-SHA256').update(signed).sign(privateKey, 'base64url')}`;
  };
  return {
    accessId,
    audience: 'slipway-test',
    tokenFor,
    /** The token of Akeyless that whoever brings these claims gets. */
    async logIn(claims: Record<string, string>): Promise<string> {
      const body = { 'access-type': 'jwt', 'access-id': accessId, jwt: tokenFor(claims) };
      return Login.parse(await post(new URL('/auth', sandbox.akeyless.url), body)).token;
    },
  };
}

async function change(sandbox: Sandbox, path: string, object: object): Promise<unknown> {
  const { status, body } = await sandbox.callCluster('POST', path, object);
  if (status >= 300) throw new Error(`POST ${path} answered ${status}: ${JSON.stringify(body)}`);
  return body;
}
