import { randomInt } from 'node:crypto';
import { badRequest } from './akeyless-error.js';
import type { Gateway } from './gateway.js';
import type { Access, DynamicSecret, Lease } from './model.js';
import { renderStatements } from './statements.js';
import { DatabaseFailure, withDatabase } from './target-connection.js';

const MINUTE_MS = 60_000;
const RETRY_MS = 30_000;
const USER_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
/** What real ones were seen to hold, and nothing that ends a text in SQL. */
const PASSWORD_ALPHABET = `${USER_ALPHABET}@~=/%+-_!`;

/** Issues temporary users and takes them away: when asked, and when their time is up. */
export class Leases {
  readonly #expiries = new Map<string, () => void>();
  readonly #expiring = new Set<Promise<void>>();
  #closed = false;

  constructor(private readonly gateway: Gateway) {
    for (const { value } of gateway.leases.list()) this.#schedule(value);
  }

  /** @throws AkeylessError 400 with the database's words; what was made by then is taken back as far as possible. */
  async issue(secret: DynamicSecret, caller: Access): Promise<Lease & { password: string }> {
    const user = userName(secret);
    const password = randomText(secret.passwordLength, PASSWORD_ALPHABET);
    try {
      await withDatabase(this.gateway, secret, async (connection) => {
        try {
          for (const statement of renderStatements(secret.creation, { name: user, password })) await connection.query(statement);
        } catch (error) {
          await this.#runRevocation(connection, secret, user).catch(() => {});
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
      await withDatabase(this.gateway, secret, (connection) => this.#runRevocation(connection, secret, lease.user));
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

  #record(secret: DynamicSecret, user: string, caller: Access): Lease {
    const now = this.gateway.clock.now();
    const host = (secret.target === undefined ? secret.connection : this.gateway.targets.get(secret.target))?.host ?? '';
    const expiresAt = now + secret.ttl * MINUTE_MS;
    const lease: Lease = {
      id: user,
      secret: secret.name,
      user,
      host,
      accessId: caller.id,
      createdAt: now,
      expiresAt,
      ttl: secret.ttl,
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

  async #runRevocation(connection: { query(sql: string): Promise<unknown> }, secret: DynamicSecret, user: string): Promise<void> {
    for (const statement of renderStatements(secret.revocation, { name: user, password: '' })) await connection.query(statement);
  }
}

function userName(secret: DynamicSecret): string {
  const random = randomText(10, USER_ALPHABET);
  if (secret.usernameTemplate === '') return `tmp_${random}`;
  return secret.usernameTemplate.replace(/\{\{\s*\(?random[^}]*\}\}/g, random).slice(0, 32);
}

function randomText(length: number, alphabet: string): string {
  return Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join('');
}

function refusal(doing: string, error: unknown): Error {
  return error instanceof DatabaseFailure ? badRequest(`${doing}: ${error.message}`) : (error as Error);
}
