import { type Principal, SlipwayError } from '@slipway/contracts';
import type { Clock } from '@slipway/engine';
import { isStorable } from '../storable.js';
import type { AccessStore } from './access-store.js';
import { hashToken, newToken } from './one-time-token.js';

const linkMinutes = 15;

export interface CreateSignInLinkDeps {
  access: AccessStore;
  clock: Clock;
}

export interface CreateSignInLinkCommand {
  principal: Principal;
  email: string;
}

export interface SignInLink {
  /** Goes into the link and nowhere else. */
  token: string;
  email: string;
  expiresAt: Date;
}

/** An administrator's machine lets a known person in once, without a password. */
export async function createSignInLink(deps: CreateSignInLinkDeps, command: CreateSignInLinkCommand): Promise<SignInLink> {
  const { principal, email } = command;
  if (principal.kind !== 'client' || !principal.roles.includes('admin')) {
    throw new SlipwayError('forbidden', 'Only a client with the role admin creates sign-in links.');
  }
  if (!isStorable(email) || !(await deps.access.findUser(email))) {
    throw new SlipwayError('not_found', `There is no user "${email.slice(0, 200)}": add them to the configuration first.`);
  }
  const token = newToken();
  const expiresAt = new Date(deps.clock.now().getTime() + linkMinutes * 60_000);
  await deps.access.addSignInLink({ tokenHash: hashToken(token), email, expiresAt });
  return { token, email, expiresAt };
}
