import type { Clock } from '@slipway/engine';

export interface AccessTokenDeps {
  /** For HMAC-SHA256: at least 32 random bytes each, the same in every api process. The first signs, all are believed. */
  tokenKeys: readonly [Uint8Array, ...Uint8Array[]];
  clock: Clock;
}

export const accessTokenSeconds = 3_600;
export const issuer = 'slipway';
