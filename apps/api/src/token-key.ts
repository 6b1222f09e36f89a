import { hkdfSync } from 'node:crypto';

/** The key that signs access tokens, derived from a sealing key so that every api process has the same and none is stored. */
export function tokenKeyFrom(sealingKey: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', sealingKey, '', 'slipway access tokens', 32));
}
