import { z } from 'zod';

/** The path of a file may have spaces in it. */
const REFERENCE = /^([a-z][a-z0-9-]*):(?!\s)([^#\p{Cc}]+)(?:#([^\p{Cc}]+))?(?<!\s)$/u;

/**
 * Where a secret lives: `provider:path#key`, e.g. `env:GITHUB_TOKEN`, `file:/run/secrets/token`,
 * `kubernetes:shop/mysql-shop#password`. A reference may be stored and shown; its value may not.
 */
export const SecretReference = z.string().regex(REFERENCE, 'must be a secret reference, provider:path#key');

export interface ParsedSecretReference {
  provider: string;
  path: string;
  key?: string;
}

export function parseSecretReference(reference: string): ParsedSecretReference {
  const match = REFERENCE.exec(reference);
  if (!match?.[1] || !match[2]) throw new Error('Not a secret reference: expected provider:path#key.');
  return { provider: match[1], path: match[2], ...(match[3] ? { key: match[3] } : {}) };
}
