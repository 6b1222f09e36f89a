import type { Faults } from '../core/faults.js';
import { badRequest } from './akeyless-error.js';
import type { Gateway } from './gateway.js';
import { randomPassword, randomText, USER_ALPHABET } from './generated-text.js';
import type { DynamicSecret, Lease } from './model.js';
import type { Caller } from './permissions.js';
import { renderStatements } from './statements.js';
import { DatabaseFailure, type Session, withDatabase } from './target-connection.js';

const MINUTE_MS = 60_000;
const RETRY_MS = 30_000;

/** Issues temporary users and takes them away: when asked, and when their time is up. */
export class Leases {
  readonly #expiries = new Map<string, () => void>();
  readonly #expiring = new Set<Promise<void>>();
  #closed = false;

  constructor(
    private readonly gateway: Gateway,
    private readonly faults: Faults,
  ) {
    // Those whose time was up while the sandbox was down are due at once.
    for (const { value } of gateway.leases.list()) this.#schedule(value);
  }

  /** @throws AkeylessError 400 with the database's words; what was made by then is taken back as far as possible. */
  async issue(secret: DynamicSecret, caller: Caller): Promise<Lease & { password: string }> {
    const user = userName(secret);
    const password = randomPassword(secret.passwordLength);
    try {
      await withDatabase(this.gateway, secret, async (session) => {
        try {
          await run(session, renderStatements(secret.creation, { name: user, password }));
        } catch (error) {
          await this.#runRevocation(session, secret, user).catch(() => {});
          throw error;
        }
      });
    } catch (error) {
      throw refusal('failed to create temporary credentials', error);
    }
    const lease = this.#record(secret, user, caller);
    return { ...lease, password };
  }

  /** Runs the revocation statements, then forgets the lease. @throws AkeylessError 400, the lease staying. */
  async revoke(secret: DynamicSecret, lease: Lease): Promise<void> {
    try {
      this.#failOnDemand(secret, lease);
      await withDatabase(this.gateway, secret, (session) => this.#runRevocation(session, secret, lease.user));
    } catch (error) {
      throw refusal('failed to revoke temporary credentials', error);
    }
    this.forget(lease);
  }

  forget(lease: Lease): void {
    this.#expiries.get(lease.id)?.();
    this.#expiries.delete(lease.id);
    this.gateway.leases.delete(lease.id);
  }

  extend(lease: Lease, minutes: number): void {
    const extended = { ...lease, ttl: minutes, expiresAt: this.gateway.clock.now() + minutes * MINUTE_MS };
    this.gateway.leases.set(lease.id, extended);
    this.#schedule(extended);
  }

  forgetAll(): void {
    for (const cancel of this.#expiries.values()) cancel();
    this.#expiries.clear();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.forgetAll();
    await Promise.all(this.#expiring);
  }

  #record(secret: DynamicSecret, user: string, caller: Caller): Lease {
    const now = this.gateway.clock.now();
    const host = (secret.target === undefined ? secret.connection : this.gateway.targets.get(secret.target))?.host ?? '';
    const expiresAt = now + secret.ttl * MINUTE_MS;
    const lease: Lease = {
      id: user,
      secret: secret.name,
      user,
      host,
      accessId: caller.accessId,
      createdAt: now,
      expiresAt,
      ttl: secret.ttl,
      subClaims: caller.claims,
    };
    this.gateway.leases.set(lease.id, lease);
    this.#schedule(lease);
    return lease;
  }

  #schedule(lease: Lease, delayMs = lease.expiresAt - this.gateway.clock.now()): void {
    this.#expiries.get(lease.id)?.();
    const cancel = this.gateway.clock.after(Math.max(delayMs, 0), () => {
      const expiring = this.#expire(lease).finally(() => this.#expiring.delete(expiring));
      this.#expiring.add(expiring);
    });
    this.#expiries.set(lease.id, cancel);
  }

  /** A user that cannot be taken away now is tried again, for as long as it takes. */
  async #expire({ id }: Lease): Promise<void> {
    const lease = this.gateway.leases.get(id);
    const secret = lease && this.gateway.items.get(lease.secret);
    if (!lease || secret?.type !== 'DYNAMIC_SECRET') return;
    try {
      await this.revoke(secret, lease);
    } catch {
      if (!this.#closed) this.#schedule(lease, RETRY_MS);
    }
  }

  /** As a server would that has taken the right away. */
  #failOnDemand(secret: DynamicSecret, { user }: Lease): void {
    const fault =
      this.faults.draw('akeyless', 'revocation-fails', user) ?? this.faults.draw('akeyless', 'revocation-fails', secret.name);
    if (fault) throw new DatabaseFailure(fault.message ?? `Error 1396 (HY000): Operation DROP USER failed for '${user}'@'%'`);
  }

  async #runRevocation(session: Session, secret: DynamicSecret, user: string): Promise<void> {
    await run(session, renderStatements(secret.revocation, { name: user, password: '' }));
  }
}

/** Blanks and semicolons alone ask for nothing: the server would refuse them as an empty query. */
async function run(session: Session, statements: string): Promise<void> {
  if (/[^\s;]/.test(statements)) await session.query(statements);
}

function userName(secret: DynamicSecret): string {
  const random = randomText(10, USER_ALPHABET);
  if (secret.usernameTemplate === '') return `tmp_${random}`;
  return secret.usernameTemplate.replace(/\{\{\s*\(?random[^}]*\}\}/g, random).slice(0, 32);
}

function refusal(doing: string, error: unknown): Error {
  return error instanceof DatabaseFailure ? badRequest(`${doing}: ${error.message}`) : (error as Error);
}
