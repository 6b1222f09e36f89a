import { randomBytes } from 'node:crypto';
import type { Clock } from '../core/clock.js';
import type { Collection, Store } from '../core/store.js';
import { invalidToken, notFound, unauthorizedAccess } from './akeyless-error.js';
import type { Access, Capability, Item, Lease, Target, Token } from './model.js';
import type { Resolve } from './target-connection.js';

/** The account and its gateway: what is stored, who may, and the way to databases. */
export class Gateway {
  readonly targets: Collection<Target>;
  readonly items: Collection<Item>;
  readonly leases: Collection<Lease>;
  readonly #tokens: Collection<Token>;
  readonly #numbers: Collection<number>;

  constructor(
    store: Store,
    readonly clock: Clock,
    readonly accesses: readonly Access[],
    readonly resolve: Resolve,
  ) {
    this.targets = store.collection('akeyless.targets');
    this.items = store.collection('akeyless.items');
    this.leases = store.collection('akeyless.leases');
    this.#tokens = store.collection('akeyless.tokens');
    this.#numbers = store.collection('akeyless.numbers');
  }

  issueToken(access: Access): Token & { token: string } {
    const token = `t-${randomBytes(16).toString('hex')}`;
    const issued = { accessId: access.id, expiresAt: this.clock.now() + TOKEN_LIFE_MS };
    this.#tokens.set(token, issued);
    return { token, ...issued };
  }

  /** The token, while it lives. */
  findToken(token: string): Token | undefined {
    const found = this.#tokens.get(token);
    return found && found.expiresAt > this.clock.now() ? found : undefined;
  }

  /** @throws AkeylessError 401 */
  callerOf(token: string | undefined): Access {
    const found = token === undefined ? undefined : this.findToken(token);
    const access = found && this.accesses.find((candidate) => candidate.id === found.accessId);
    if (!access) throw invalidToken();
    return access;
  }

  /** @throws AkeylessError 401, whether or not there is anything of that name. */
  authorize(caller: Access, name: string, capability: Capability): void {
    if (!may(caller, name, capability)) throw unauthorizedAccess();
  }

  /** @throws AkeylessError 401 or 404 */
  target(caller: Access, name: string, capability: Capability): Target {
    this.authorize(caller, name, capability);
    const target = this.targets.get(name);
    if (!target) throw notFound('target', name);
    return target;
  }

  /** @throws AkeylessError 401 or 404 */
  item(caller: Access, name: string, capability: Capability): Item {
    this.authorize(caller, name, capability);
    const item = this.items.get(name);
    if (!item) throw notFound('item', name);
    return item;
  }

  nextNumber(): number {
    const next = (this.#numbers.get('last') ?? 1_000) + 1;
    this.#numbers.set('last', next);
    return next;
  }

  leasesOf(secret: string): Lease[] {
    return this.leases
      .list()
      .map((entry) => entry.value)
      .filter((lease) => lease.secret === secret);
  }

  clear(): void {
    for (const collection of [this.targets, this.items, this.leases, this.#tokens]) collection.clear();
  }
}

/** The default of real accounts is unverified. */
const TOKEN_LIFE_MS = 60 * 60_000;

export function may(access: Access, name: string, capability: Capability): boolean {
  return access.rules.some(({ path, capabilities }) => {
    const covers = path === name || (path.endsWith('/*') && name.startsWith(path.slice(0, -1)));
    return covers && capabilities.includes(capability);
  });
}

/** Names are paths from the root; clients may leave the first slash out. */
export function fullName(name: string): string {
  return name.startsWith('/') ? name : `/${name}`;
}

/** RFC 3339, as the API writes dates. */
export function dateOf(ms: number): string {
  return new Date(ms).toISOString();
}
