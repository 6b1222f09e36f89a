import type { Principal } from '@slipway/contracts';

/** Who may come in. Secrets and tokens are here as hashes only. */
export interface AccessStore {
  findClient(id: string): Promise<ClientRecord | null>;
  findUser(email: string): Promise<UserRecord | null>;
  addSignInLink(link: { tokenHash: string; email: string; expiresAt: Date }): Promise<void>;
  /** Marks the link used and answers its user; null when there is none, it was used before, or it has expired at `now`. */
  useSignInLink(tokenHash: string, now: Date): Promise<UserRecord | null>;
  addSession(session: { tokenHash: string; email: string; expiresAt: Date }): Promise<void>;
  /** Null when there is none or it has expired at `now`. */
  findSessionUser(tokenHash: string, now: Date): Promise<UserRecord | null>;
  /** Harmless when there is none. */
  removeSession(tokenHash: string): Promise<void>;
}

export interface ClientRecord {
  id: string;
  /** As `hashSecret` makes it. */
  secretHash: string;
  roles: Principal['roles'];
  team: string | null;
}

export interface UserRecord {
  email: string;
  name: string;
  roles: Principal['roles'];
  team: string | null;
}
