import { createLocalJWKSet, type JSONWebKeySet, type JWTPayload, jwtVerify } from 'jose';
import type { Clock } from '../core/clock.js';
import { authenticationFailed, badRequest } from './akeyless-error.js';
import type { Claims, JwtRules } from './model.js';

const KEYS_WITHIN_MS = 5_000;
/** Where issuers name the client that asked for the token. */
const CLIENT_CLAIMS = ['azp', 'client_id', 'appid'];

/**
 * The claims of a token that one of the issuer's published keys signed, and that is meant for this method.
 * @throws AkeylessError 401, or 400 where the keys cannot be had.
 */
export async function proveJwt(jwt: string, rules: JwtRules, clock: Clock): Promise<Claims> {
  const keys = createLocalJWKSet(await publishedKeys(rules));
  const expected = {
    ...(rules.issuer !== '' && { issuer: rules.issuer }),
    ...(rules.audience !== '' && { audience: rules.audience }),
  };
  let payload: JWTPayload;
  try {
    ({ payload } = await jwtVerify(jwt, keys, { ...expected, currentDate: new Date(clock.now()) }));
  } catch (error) {
    throw authenticationFailed((error as Error).message);
  }
  const claims = claimsOf(payload);
  if (!claims[rules.uniqueIdentifier]) throw authenticationFailed(`the token has no claim "${rules.uniqueIdentifier}"`);
  const clients = CLIENT_CLAIMS.flatMap((claim) => claims[claim] ?? []);
  if (rules.clientIds.length > 0 && !clients.some((client) => rules.clientIds.includes(client))) {
    throw authenticationFailed('the client of the token is not among the bound client ids');
  }
  return claims;
}

async function publishedKeys({ jwksUri, jwksJson }: JwtRules): Promise<JSONWebKeySet> {
  try {
    if (jwksJson !== '') return JSON.parse(Buffer.from(jwksJson, 'base64').toString()) as JSONWebKeySet;
    const response = await fetch(jwksUri, { signal: AbortSignal.timeout(KEYS_WITHIN_MS) });
    if (!response.ok) throw new Error(`it answered ${response.status}`);
    return (await response.json()) as JSONWebKeySet;
  } catch (error) {
    throw badRequest(`failed to get the keys of the issuer from ${jwksUri}: ${(error as Error).message}`);
  }
}

/** Claims as texts: what a sub-claim of an association can be compared with. */
function claimsOf(payload: JWTPayload): Claims {
  const simple = (value: unknown) => ['string', 'number', 'boolean'].includes(typeof value);
  const entries = Object.entries(payload).map(([claim, value]) => {
    const values = (Array.isArray(value) ? value : [value]).filter(simple).map(String);
    return [claim, values] as const;
  });
  return Object.fromEntries(entries.filter(([, values]) => values.length > 0));
}
