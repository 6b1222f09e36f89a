import { readFileSync } from 'node:fs';
import { type Provider, type Secrets, StepError } from '@slipway/engine';
import { z } from 'zod';
import { AkeylessClient } from './client.js';
import { AkeylessConfig } from './config.js';
import { createDynamicSecretStep } from './create-dynamic-secret.js';
import { createRotatedSecretStep } from './create-rotated-secret.js';
import { createTargetStep } from './create-target.js';
import { dynamicSecretKind } from './dynamic-secret-kind.js';
import { grantAccessStep } from './grant-access.js';
import { probeCredentialStep } from './probe-credential.js';
import { akeylessSecrets } from './resolve-secret.js';
import { revokeLeasesStep } from './revoke-leases.js';
import { roleKind } from './role-kind.js';
import { rotateSecretStep } from './rotate-secret.js';
import { rotatedSecretKind } from './rotated-secret-kind.js';
import { targetKind } from './target-kind.js';

/** One Akeyless account behind one Gateway. Throws where the certificate authority cannot be read; logs in at first use. */
export function akeylessProvider(input: z.input<typeof AkeylessConfig>, secrets: Secrets): Provider {
  const config = AkeylessConfig.parse(input);
  const { url, accessId, accessKey, prefix } = config;
  const ca = config.ca === undefined ? undefined : readFileSync(config.ca, 'utf8');
  const client = new AkeylessClient({
    url,
    accessId,
    accessKey: () => secrets.resolve(accessKey),
    protect: (value) => {
      secrets.protect(value);
    },
    ...(ca !== undefined && { ca }),
  });
  return {
    name: 'akeyless',
    steps: [
      createTargetStep(client, prefix),
      createDynamicSecretStep(client, prefix),
      createRotatedSecretStep(client, prefix),
      rotateSecretStep(client),
      grantAccessStep(client, config, ca),
      probeCredentialStep(client),
      revokeLeasesStep(client),
    ],
    kinds: [targetKind(client), dynamicSecretKind(client), rotatedSecretKind(client), roleKind(client)],
    secrets: akeylessSecrets(client),
    health: (signal) => health(client, url, signal),
  };
}

async function health(client: AkeylessClient, url: string, signal: AbortSignal): Promise<{ ok: boolean; detail: string }> {
  try {
    const call = { doing: 'validate its token', writes: false, signal };
    await client.call(call, z.object({ is_valid: z.literal(true) }), (api, token) => api.validateToken({ token }));
    return { ok: true, detail: `Akeyless at ${url}, logged in as ${client.accessId}` };
  } catch (error) {
    if (!(error instanceof StepError)) throw error;
    return { ok: false, detail: [error.message, error.remedy].filter(Boolean).join(' ') };
  }
}
