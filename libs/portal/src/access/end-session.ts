import type { AccessStore } from './access-store.js';
import { hashToken } from './one-time-token.js';

/** Signing out. Harmless when the session has ended already. */
export async function endSession(deps: { access: AccessStore }, command: { sessionToken: string }): Promise<void> {
  await deps.access.removeSession(hashToken(command.sessionToken));
}
