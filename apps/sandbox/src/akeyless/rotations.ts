import { badRequest, notFound } from './akeyless-error.js';
import { unlock } from './customer-fragment.js';
import type { Gateway } from './gateway.js';
import { randomPassword } from './generated-text.js';
import type { RotatedSecret, Target } from './model.js';
import { DatabaseFailure, withConnection } from './target-connection.js';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
/** After a failed rotation by the clock. */
const RETRY_MS = HOUR_MS;

/** Changes passwords in the database: when asked, and when their day has come. */
export class Rotations {
  readonly #timers = new Map<string, () => void>();
  /** The latest of each secret: the next one needs the password that this one leaves behind. */
  readonly #running = new Map<string, Promise<unknown>>();
  #closed = false;

  constructor(private readonly gateway: Gateway) {
    for (const { value } of gateway.items.list()) if (value.type === 'ROTATED_SECRET') this.schedule(value);
  }

  /** @throws AkeylessError 400 with the database's words, the password staying what it was. */
  rotate(name: string): Promise<void> {
    const before = this.#running.get(name) ?? Promise.resolve();
    const rotating = before.catch(() => undefined).then(() => this.#rotate(name));
    this.#running.set(name, rotating);
    return rotating;
  }

  schedule(secret: RotatedSecret, due = secret.nextAt): void {
    this.forget(secret.name);
    if (due === undefined) return;
    const delay = Math.max(due - this.gateway.clock.now(), 0);
    const cancel = this.gateway.clock.after(delay, () => {
      this.rotate(secret.name).catch(() => {
        if (!this.#closed) this.schedule(secret, this.gateway.clock.now() + RETRY_MS);
      });
    });
    this.#timers.set(secret.name, cancel);
  }

  forget(name: string): void {
    this.#timers.get(name)?.();
    this.#timers.delete(name);
  }

  forgetAll(): void {
    for (const name of [...this.#timers.keys()]) this.forget(name);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.forgetAll();
    await Promise.allSettled(this.#running.values());
  }

  async #rotate(name: string): Promise<void> {
    const { gateway } = this;
    const secret = gateway.items.get(name);
    if (secret?.type !== 'ROTATED_SECRET') return;
    const target = gateway.targets.get(secret.target);
    if (!target) throw notFound('target', secret.target);
    await unlock(gateway, secret.key);
    const password = randomPassword(secret.passwordLength);
    try {
      await changePassword(gateway, secret, target, password);
    } catch (error) {
      if (!(error instanceof DatabaseFailure)) throw error;
      gateway.items.set(name, { ...secret, failure: error.message });
      throw badRequest(`failed to rotate ${name}: ${error.message}`);
    }
    const now = gateway.clock.now();
    if (secret.rotator === 'target') {
      gateway.targets.set(target.name, { ...target, password, version: target.version + 1, modifiedAt: now });
    }
    const rotated: RotatedSecret = {
      ...secret,
      ...(secret.rotator === 'password' && { password }),
      version: secret.version + 1,
      rotatedAt: now,
      ...(secret.auto && { nextAt: nextRotation(now, secret) }),
      failure: '',
      modifiedAt: now,
    };
    gateway.items.set(name, rotated);
    this.schedule(rotated);
  }
}

/** The hour of the day, so many days on. */
export function nextRotation(now: number, { intervalDays, hour }: Pick<RotatedSecret, 'intervalDays' | 'hour'>): number {
  const midnight = now - (now % DAY_MS);
  return midnight + intervalDays * DAY_MS + hour * HOUR_MS;
}

/** What the secret holds at this moment: that of its target, or its own. */
export function currentLogin(secret: RotatedSecret, target: Target | undefined): { username: string; password: string } {
  if (secret.rotator === 'password') return { username: secret.username, password: secret.password };
  return { username: target?.user ?? '', password: target?.password ?? '' };
}

/** @throws DatabaseFailure */
async function changePassword(gateway: Gateway, secret: RotatedSecret, target: Target, password: string): Promise<void> {
  const { username, password: old } = currentLogin(secret, target);
  const asItself = secret.rotator === 'target' || secret.login === 'use-user-creds';
  const login = asItself ? { ...target, user: username, password: old } : target;
  await withConnection(gateway, login, async (session) => {
    // Whoever logged in may always change its own password; that of another needs the right to.
    if (asItself) await session.query('SET PASSWORD = PASSWORD(?)', [password]);
    else await session.query("ALTER USER ?@'%' IDENTIFIED BY ?", [session.realName(username), password]);
  });
}
