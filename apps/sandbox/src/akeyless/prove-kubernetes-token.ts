import { createPrivateKey, createPublicKey } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { z } from 'zod';
import { AkeylessError, authenticationFailed, badRequest } from './akeyless-error.js';
import type { Claims, KubernetesAuthConfig, KubernetesRules } from './model.js';

const ANSWER_WITHIN_MS = 10_000;

const TokenReview = z.object({
  status: z.object({
    authenticated: z.boolean().default(false),
    error: z.string().optional(),
    user: z
      .object({ username: z.string().default(''), extra: z.record(z.string(), z.array(z.string())).default({}) })
      .default({ username: '', extra: {} }),
  }),
});

/**
 * Asks the cluster whose the token is, and compares that with what the method is bound to. The account then believes the
 * gateway only where the gateway holds the key that was given out with the method.
 *
 * @param encoded base64 of the service account's token
 * @throws AkeylessError 401; 400 where the cluster cannot be asked.
 */
export async function proveKubernetesToken(
  encoded: string,
  rules: KubernetesRules,
  config: KubernetesAuthConfig,
): Promise<Claims> {
  const token = Buffer.from(encoded, 'base64').toString();
  if (token.split('.').length !== 3) throw badRequest('k8s-service-account-token is not the base64 of a service account token');
  const { authenticated, error, user } = await review(token, rules.audience, config);
  const [, namespace, account] = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(user.username) ?? [];
  if (!authenticated || !namespace || !account) throw authenticationFailed(error ?? 'the cluster does not know the token');
  const pods = user.extra['authentication.kubernetes.io/pod-name'] ?? [];
  const bound =
    within(rules.namespaces, [namespace]) && within(rules.serviceAccounts, [account]) && within(rules.pods, pods);
  if (!bound) throw authenticationFailed('namespace, service account or pod is not one that the method is bound to');
  if (!isKeyOf(config.signingKey, rules.publicKey)) throw authenticationFailed('the signing key does not belong to the method');
  return { namespace: [namespace], service_account_name: [account], pod_name: pods, config_name: [config.name] };
}

function within(bound: readonly string[], values: readonly string[]): boolean {
  return bound.length === 0 || values.some((value) => bound.includes(value));
}

function isKeyOf(signingKey: string, publicKey: string): boolean {
  try {
    const own = createPublicKey(createPrivateKey(Buffer.from(signingKey, 'base64').toString()));
    return own.equals(createPublicKey(publicKey));
  } catch {
    return false;
  }
}

async function review(token: string, audience: string, config: KubernetesAuthConfig) {
  const body = {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenReview',
    spec: { token, ...(audience !== '' && { audiences: [audience] }) },
  };
  // Without a reviewer of its own, the gateway lets the token speak for itself.
  const { status, text } = await post(config, config.reviewerToken || token, JSON.stringify(body)).catch((error: Error) => {
    throw badRequest(`failed to review the token at ${config.host}: ${error.message}`);
  });
  if (status === 401 || status === 403) throw authenticationFailed(`the cluster refused the token review with ${status}`);
  if (status >= 300) throw new AkeylessError(400, `failed to review the token at ${config.host}: it answered ${status}`);
  return TokenReview.parse(JSON.parse(text)).status;
}

function post({ host, caCert }: KubernetesAuthConfig, bearer: string, body: string): Promise<{ status: number; text: string }> {
  const url = new URL('/apis/authentication.k8s.io/v1/tokenreviews', host);
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
  const headers = { authorization: `Bearer ${bearer}`, 'content-type': 'application/json', accept: 'application/json' };
  return new Promise((resolve, reject) => {
    const options = { method: 'POST', headers, timeout: ANSWER_WITHIN_MS, ...(caCert !== '' && { ca: caCert }) };
    const request = send(url, options, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }));
    });
    request.on('timeout', () => request.destroy(new Error(`no answer within ${ANSWER_WITHIN_MS / 1000} s`)));
    request.on('error', reject);
    request.end(body);
  });
}
