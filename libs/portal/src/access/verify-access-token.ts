import { Principal, SlipwayError } from '@slipway/contracts';
import { errors, jwtVerify } from 'jose';
import { type AccessTokenDeps, issuer } from './access-token.js';

/** Who a bearer token speaks for. Forged, foreign or expired: `unauthorized`, and the client gets itself a new one. */
export async function verifyAccessToken(deps: AccessTokenDeps, token: string): Promise<Principal> {
  const claims = await verifiedClaims(deps, token);
  const principal = Principal.safeParse({
    kind: claims?.['kind'],
    id: claims?.['sub'],
    team: claims?.['team'],
    roles: claims?.['roles'],
  });
  if (!principal.success)
    throw new SlipwayError('unauthorized', 'The access token is not valid or has expired: request a new one.');
  return principal.data;
}

async function verifiedClaims(deps: AccessTokenDeps, token: string): Promise<Record<string, unknown> | null> {
  const options = { issuer, algorithms: ['HS256'], currentDate: deps.clock.now(), requiredClaims: ['sub', 'exp'] };
  for (const key of deps.tokenKeys) {
    try {
      return (await jwtVerify(token, key, options)).payload;
    } catch (error) {
      if (!(error instanceof errors.JOSEError)) throw error;
    }
  }
  return null;
}
