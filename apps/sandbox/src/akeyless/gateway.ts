import { randomBytes } from 'node:crypto';
import type { Clock } from '../core/clock.js';
import type { Collection, Store } from '../core/store.js';
import { invalidToken, notFound } from './akeyless-error.js';
import type {
  Association,
  AuthMethod,
  Capability,
  Claims,
  Item,
  KubernetesAuthConfig,
  Lease,
  Role,
  Target,
  Token,
} from './model.js';
import { admits, authorize, type Caller } from './permissions.js';
import type { Resolve } from './target-connection.js';

/** The account and its gateway: what is stored, who may, and the way to databases. */
export class Gateway {
  readonly targets: Collection<Target>;
  readonly items: Collection<Item>;
  readonly leases: Collection<Lease>;
  readonly methods: Collection<AuthMethod>;
  readonly roles: Collection<Role>;
  readonly kubernetesConfigs: Collection<KubernetesAuthConfig>;
  readonly #associations: Collection<Association>;
  readonly #tokens: Collection<Token>;
  readonly #numbers: Collection<number>;

  constructor(
    store: Store,
    readonly clock: Clock,
    readonly resolve: Resolve,
    /** Where the gateway itself listens. */
    readonly url: string,
  ) {
    this.targets = store.collection('akeyless.targets');
    this.items = store.collection('akeyless.items');
    this.leases = store.collection('akeyless.leases');
    this.methods = store.collection('akeyless.methods');
    this.roles = store.collection('akeyless.roles');
    this.#associations = store.collection('akeyless.associations-of-methods');
    this.kubernetesConfigs = store.collection('akeyless.kubernetes-configs');
    this.#tokens = store.collection('akeyless.sessions');
    this.#numbers = store.collection('akeyless.numbers');
  }

  issueToken(method: AuthMethod, claims: Claims): Token & { token: string } {
    const token = `t-${randomBytes(16).toString('hex')}`;
    const life = (method.tokenLife || DEFAULT_TOKEN_LIFE) * 60_000;
    const issued = { method: method.name, accessId: method.accessId, expiresAt: this.clock.now() + life, claims };
    this.#tokens.set(token, issued);
    return { token, ...issued };
  }

  /** The token, while it and the method that it was issued by live. */
  findToken(token: string): Token | undefined {
    const found = this.#tokens.get(token);
    if (!found || found.expiresAt <= this.clock.now()) return undefined;
    return this.methods.get(found.method)?.accessId === found.accessId ? found : undefined;
  }

  /** @throws AkeylessError 401 */
  callerOf(token: string | undefined): Caller {
    const found = token === undefined ? undefined : this.findToken(token);
    if (!found) throw invalidToken();
    const { method, accessId, claims } = found;
    const held = this.associationsOf(method).filter((association) => admits(association, claims));
    return { accessId, claims, rules: held.flatMap(({ role }) => this.roles.get(role)?.rules ?? []) };
  }

  /** @throws AkeylessError 401 or 404 */
  target(caller: Caller, name: string, capability: Capability): Target {
    authorize(caller, 'target-rule', name, capability);
    const target = this.targets.get(name);
    if (!target) throw notFound('target', name);
    return target;
  }

  /** @throws AkeylessError 401 or 404 */
  item(caller: Caller, name: string, capability: Capability): Item {
    authorize(caller, 'item-rule', name, capability);
    const item = this.items.get(name);
    if (!item) throw notFound('item', name);
    return item;
  }

  methodOf(accessId: string): AuthMethod | undefined {
    return this.methods.list().find(({ value }) => value.accessId === accessId)?.value;
  }

  /** By method, which every call asks for, at once; by role among all. */
  associationsOf(method: string): Association[] {
    return this.#associations.list(`${method}\n`).map((entry) => entry.value);
  }

  associationsWith(role: string): Association[] {
    return this.#associations
      .list()
      .map((entry) => entry.value)
      .filter((association) => association.role === role);
  }

  association(id: string): Association | undefined {
    return this.#associations.list().find(({ value }) => value.id === id)?.value;
  }

  associate(association: Association): void {
    this.#associations.set(`${association.method}\n${association.id}`, association);
  }

  dissociate({ method, id }: Association): void {
    this.#associations.delete(`${method}\n${id}`);
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
    const { targets, items, leases, methods, roles, kubernetesConfigs } = this;
    const held = [targets, items, leases, methods, roles, kubernetesConfigs, this.#associations, this.#tokens];
    for (const collection of held) {
      collection.clear();
    }
  }
}

/** Minutes. The default of real accounts is unverified. */
const DEFAULT_TOKEN_LIFE = 60;

/** Names are paths from the root; clients may leave the first slash out. */
export function fullName(name: string): string {
  return name.startsWith('/') ? name : `/${name}`;
}

/** RFC 3339, as the API writes dates. */
export function dateOf(ms: number): string {
  return new Date(ms).toISOString();
}
