import type { Secrets } from '@slipway/engine';
import type { AkeylessConfig } from './config.js';

/** How we prove to Akeyless who we are. */
export interface Proof {
  /** What is shown, as errors name it: `the access key`. */
  what: string;
  /** What to check where Akeyless does not accept it. */
  remedy: string;
  /** Read anew for each login: keys are rotated, projected tokens replaced. The values are secrets. */
  show(): Promise<{ fields: Record<string, string>; secrets: string[] }>;
}

export function proofOf({ accessKey, kubernetes, jwt }: AkeylessConfig, secrets: Secrets): Proof {
  if (kubernetes) return byKubernetes(kubernetes, secrets);
  if (jwt !== undefined) return byJwt(jwt, secrets);
  return byAccessKey(accessKey ?? '', secrets);
}

function byAccessKey(reference: string, secrets: Secrets): Proof {
  return {
    what: 'the access key',
    remedy: 'Put a valid access key where akeyless.accessKey points, then retry.',
    async show() {
      const key = await secrets.resolve(reference);
      return { fields: { 'access-type': 'access_key', 'access-key': key }, secrets: [key] };
    },
  };
}

function byKubernetes({ authConfig, tokenFile }: NonNullable<AkeylessConfig['kubernetes']>, secrets: Secrets): Proof {
  return {
    what: 'the service account token',
    remedy:
      `Check that the auth method is bound to this namespace and service account, that the token in ${tokenFile} is for its audience, and ` +
      `that the Gateway's k8s auth config ${authConfig} holds the method's key. Then retry.`,
    async show() {
      const token = await secrets.resolve(`file:${tokenFile}`);
      const encoded = Buffer.from(token).toString('base64');
      secrets.protect(encoded);
      const fields = { 'access-type': 'k8s', 'k8s-auth-config-name': authConfig, 'k8s-service-account-token': encoded };
      return { fields, secrets: [token, encoded] };
    },
  };
}

function byJwt(reference: string, secrets: Secrets): Proof {
  return {
    what: 'the JWT',
    remedy: 'Check that akeyless.jwt points to a token that has not expired, from the issuer and for the audience of the auth method, then retry.',
    async show() {
      const jwt = await secrets.resolve(reference);
      return { fields: { 'access-type': 'jwt', jwt }, secrets: [jwt] };
    },
  };
}
