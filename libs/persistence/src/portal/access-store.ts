import type { AccessStore, ClientRecord, UserRecord } from '@slipway/portal';
import type { PrismaClient } from '../generated/prisma/client.js';

/** Clients, users, sign-in links and sessions. */
export class PostgresAccessStore implements AccessStore {
  constructor(private readonly prisma: PrismaClient) {}

  async findClient(id: string): Promise<ClientRecord | null> {
    const client = await this.prisma.client.findUnique({ where: { id } });
    return client && { id: client.id, secretHash: client.secretHash, roles: asRoles(client.roles), team: client.team };
  }

  async findUser(email: string): Promise<UserRecord | null> {
    const user = await this.prisma.user.findUnique({ where: { email } });
    return user && toUser(user);
  }

  async addSignInLink(link: { tokenHash: string; email: string; expiresAt: Date }): Promise<void> {
    await this.prisma.signInLink.create({ data: link });
  }

  /** The update alone decides: of two requests with the same link, one finds it unused. */
  async useSignInLink(tokenHash: string, now: Date): Promise<UserRecord | null> {
    const used = await this.prisma.signInLink.updateManyAndReturn({
      where: { tokenHash, usedAt: null, expiresAt: { gt: now } },
      data: { usedAt: now },
      include: { user: true },
    });
    return used[0] ? toUser(used[0].user) : null;
  }

  async addSession(session: { tokenHash: string; email: string; expiresAt: Date }): Promise<void> {
    await this.prisma.session.create({ data: session });
  }

  async findSessionUser(tokenHash: string, now: Date): Promise<UserRecord | null> {
    const session = await this.prisma.session.findUnique({
      where: { tokenHash, expiresAt: { gt: now } },
      include: { user: true },
    });
    return session && toUser(session.user);
  }

  async removeSession(tokenHash: string): Promise<void> {
    await this.prisma.session.deleteMany({ where: { tokenHash } });
  }
}

function toUser(user: { email: string; name: string; roles: string[]; team: string | null }): UserRecord {
  return { email: user.email, name: user.name, roles: asRoles(user.roles), team: user.team };
}

/** A role that a newer release brought, and this one does not know, grants nothing. */
function asRoles(stored: string[]): UserRecord['roles'] {
  return stored.filter((role): role is 'admin' | 'member' => role === 'admin' || role === 'member');
}
