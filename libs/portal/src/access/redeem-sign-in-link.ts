import { type Principal, SlipwayError } from '@slipway/contracts';
import type { Clock } from '@slipway/engine';
import type { AccessStore } from './access-store.js';
import { hashToken, newToken } from './one-time-token.js';
import { userPrincipal } from './principals.js';

const sessionHours = 12;

export interface RedeemSignInLinkDeps {
  access: AccessStore;
  clock: Clock;
}

export interface NewSession {
  /** For the cookie, and nowhere else. */
  sessionToken: string;
  expiresAt: Date;
  principal: Principal;
}

/** A link works once. Unknown, used and expired links answer alike: `unauthorized`. */
export async function redeemSignInLink(deps: RedeemSignInLinkDeps, command: { token: string }): Promise<NewSession> {
  const now = deps.clock.now();
  const user = await deps.access.useSignInLink(hashToken(command.token), now);
  if (!user)
    throw new SlipwayError('unauthorized', 'This sign-in link is not valid, has expired or was used before: ask for a new one.');
  const sessionToken = newToken();
  const expiresAt = new Date(now.getTime() + sessionHours * 3_600_000);
  await deps.access.addSession({ tokenHash: hashToken(sessionToken), email: user.email, expiresAt });
  return { sessionToken, expiresAt, principal: userPrincipal(user) };
}
