import { type Principal, SlipwayError } from '@slipway/contracts';
import { isStorable } from '../storable.js';
import type { AccessStore } from './access-store.js';
import { clientPrincipal } from './principals.js';
import { hashSecret, secretMatches } from './secret-hash.js';

export interface AuthenticateClientDeps {
  access: AccessStore;
}

export interface AuthenticateClientCommand {
  clientId: string;
  clientSecret: string;
}

/** A machine's way in. Unknown and wrong answer alike, in words and in time: `unauthorized`. */
export async function authenticateClient(deps: AuthenticateClientDeps, command: AuthenticateClientCommand): Promise<Principal> {
  const client = isStorable(command.clientId) ? await deps.access.findClient(command.clientId) : null;
  const matches = await secretMatches(command.clientSecret, client?.secretHash ?? (await nobodysHash()));
  if (!client || !matches) throw new SlipwayError('unauthorized', 'The client id or the client secret is wrong.');
  return clientPrincipal(client);
}

let nobody: Promise<string> | undefined;

/** The hash of nothing anybody has, so that an unknown client takes as long as a wrong secret. */
function nobodysHash(): Promise<string> {
  nobody ??= hashSecret('');
  return nobody;
}
