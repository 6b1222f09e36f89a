import { readFileSync } from 'node:fs';
import type { Provider, Secrets } from '@slipway/engine';
import type { z } from 'zod';
import { AkeylessClient } from './client.js';
import { AkeylessConfig } from './config.js';
import { createDynamicSecretStep } from './create-dynamic-secret.js';
import { createRotatedSecretStep } from './create-rotated-secret.js';
import { createTargetStep } from './create-target.js';
import { dynamicSecretKind } from './dynamic-secret-kind.js';
import { grantAccessStep } from './grant-access.js';
import { probeCredentialStep } from './probe-credential.js';
import { health } from './health.js';
import { proofOf } from './proof.js';
import { akeylessSecrets } from './resolve-secret.js';
import { revokeLeasesStep } from './revoke-leases.js';
import { roleKind } from './role-kind.js';
import { rotateSecretStep } from './rotate-secret.js';
import { rotatedSecretKind } from './rotated-secret-kind.js';
import { targetKind } from './target-kind.js';

/** One Akeyless account behind one Gateway. Throws where the certificate authority cannot be read; logs in at first use. */
export function akeylessProvider(input: z.input<typeof AkeylessConfig>, secrets: Secrets): Provider {
  const config = AkeylessConfig.parse(input);
  const { url, accessId, prefix } = config;
  const ca = config.ca === undefined ? undefined : readFileSync(config.ca, 'utf8');
  const client = new AkeylessClient({
    url,
    accessId,
    proof: proofOf(config, secrets),
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
      probeCredentialStep(client, config.databases),
      revokeLeasesStep(client),
    ],
    kinds: [targetKind(client), dynamicSecretKind(client), rotatedSecretKind(client), roleKind(client)],
    secrets: akeylessSecrets(client),
    health: (signal) => health(client, config, ca, signal),
  };
}
