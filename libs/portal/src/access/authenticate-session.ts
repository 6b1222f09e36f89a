import { type Principal, SlipwayError } from '@slipway/contracts';
import type { Clock } from '@slipway/engine';
import type { AccessStore } from './access-store.js';
import { hashToken } from './one-time-token.js';
import { userPrincipal } from './principals.js';

export interface AuthenticateSessionDeps {
  access: AccessStore;
  clock: Clock;
}

/** Who a session cookie speaks for; roles and team are today's, not those of the sign-in. */
export async function authenticateSession(deps: AuthenticateSessionDeps, command: { sessionToken: string }): Promise<Principal> {
  const user = await deps.access.findSessionUser(hashToken(command.sessionToken), deps.clock.now());
  if (!user) throw new SlipwayError('unauthorized', 'The session has ended: sign in again.');
  return userPrincipal(user);
}
