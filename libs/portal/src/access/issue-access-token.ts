import type { Principal } from '@slipway/contracts';
import { SignJWT } from 'jose';
import { accessTokenSeconds, type AccessTokenDeps, issuer } from './access-token.js';

export interface AccessToken {
  accessToken: string;
  /** Seconds. */
  expiresIn: number;
  tokenType: 'Bearer';
}

/** A JWT for a client that has shown its secret. Port's Ocean decodes it unverified and wants `isMachine`. */
export async function issueAccessToken(deps: AccessTokenDeps, principal: Principal): Promise<AccessToken> {
  const now = Math.floor(deps.clock.now().getTime() / 1000);
  const accessToken = await new SignJWT({
    kind: principal.kind,
    isMachine: principal.kind === 'client',
    roles: principal.roles,
    team: principal.team,
  })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setIssuer(issuer)
    .setSubject(principal.id)
    .setIssuedAt(now)
    .setExpirationTime(now + accessTokenSeconds)
    .sign(deps.tokenKeys[0]);
  return { accessToken, expiresIn: accessTokenSeconds, tokenType: 'Bearer' };
}
