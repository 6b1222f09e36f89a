import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { keptSecret, randomText } from '../core/credentials.js';
import type { SandboxContext } from '../core/context.js';
import type { Collection } from '../core/store.js';
import { makeRepository } from '../git/make-repository.js';
import { readRefs, type Refs } from '../git/refs.js';
import { Deliveries } from './deliveries.js';
import { GitHubError } from './errors.js';
import type { Account, Hook, Repository } from './model.js';

/** For how long the fault hides a repository just made: longer than any client should wait without asking again. */
const HIDDEN_MS = 10_000;
const IDS_SET_ASIDE = 50;

/** Everything that the routes of the GitHub stand-in read and change. */
export class World {
  readonly url: string;
  readonly apiUrl: string;
  readonly token: string;
  readonly organization: Account;
  /** Another organisation, of which the token is an owner too: repositories come to it by transfer alone. */
  readonly otherOrganization: Account;
  /** Whose token it is. */
  readonly viewer: Account;
  readonly hooks: Collection<Hook>;
  readonly deliveries: Deliveries;
  readonly #repositories: Collection<Repository>;
  /** By id: the key in #repositories. */
  readonly #keys: Collection<string>;
  /** Old full names of repositories that were renamed or transferred, lower case, and the id each leads to. */
  readonly #redirects: Collection<number>;
  readonly #counters: Collection<number>;
  readonly #lastIds = new Map<string, number>();
  readonly #forgotten: Collection<unknown>[] = [];
  readonly #ofRepositories: Collection<unknown>[] = [];

  constructor(readonly context: SandboxContext) {
    const { store, publicHost, ports } = context;
    this.url = `http://${publicHost}:${ports.github}`;
    this.apiUrl = `${this.url}/api/v3`;
    this.token = keptSecret(store, 'github.token', () => `ghp_${randomText(36)}`);
    const accounts = store.collection<Account>('github.accounts');
    const now = this.timestamp();
    this.organization = seedAccount(accounts, now, { login: 'acme', id: 90_001, type: 'Organization', name: 'Acme' });
    this.otherOrganization = seedAccount(accounts, now, { login: 'globex', id: 90_003, type: 'Organization', name: 'Globex' });
    this.viewer = seedAccount(accounts, now, { login: 'slipway-bot', id: 90_002, type: 'User', name: 'Slipway' });
    this.hooks = this.collection('hooks');
    this.deliveries = new Deliveries(this.collection('sent-webhooks'), this.collection('sent-payloads'));
    this.#repositories = this.collection('repositories');
    this.#keys = this.collection('repository-keys');
    this.#redirects = this.collection('redirects');
    this.#counters = store.collection('github.counters');
    // Of a home that an earlier version wrote.
    this.collection('deliveries').clear();
    if (this.#keys.keys().length === 0) for (const { key, value } of this.#repositories.list()) this.#keys.set(String(value.id), key);
  }

  /** Documents that a reset forgets. */
  collection<T>(name: string): Collection<T> {
    const made = this.context.store.collection<T>(`github.${name}`);
    this.#forgotten.push(made);
    return made;
  }

  /** Documents that go with their repository: each key begins with `keyIn`. */
  collectionOfRepositories<T>(name: string): Collection<T> {
    const made = this.collection<T>(name);
    this.#ofRepositories.push(made);
    return made;
  }

  /** Now, as GitHub writes times: ISO 8601 in whole seconds. */
  timestamp(): string {
    return this.context.clock.timestamp();
  }

  /** Higher than all before. What is kept is the last of those set aside, so that most cost no write; a restart leaves out the rest. */
  nextId(kind: string): number {
    const setAside = this.#counters.get(kind) ?? 1_000_000;
    const id = (this.#lastIds.get(kind) ?? setAside) + 1;
    this.#lastIds.set(kind, id);
    if (id > setAside) this.#counters.set(kind, id + IDS_SET_ASIDE);
    return id;
  }

  /** @throws GitHubError 404, as GitHub answers for what does not exist or may not be seen. */
  requireOrganization(login: string): Account {
    if (login.toLowerCase() !== this.organization.login) throw new GitHubError(404, 'Not Found');
    return this.organization;
  }

  /** Either of the organisations. */
  organizationNamed(login: string): Account | undefined {
    return [this.organization, this.otherOrganization].find((account) => account.login === login.toLowerCase());
  }

  ownerOf({ owner }: { owner: string }): Account {
    return this.organizationNamed(owner) ?? this.organization;
  }

  repositories(): Repository[] {
    return this.#repositories.list().map(({ value }) => value);
  }

  findRepository(owner: string, name: string): Repository | undefined {
    return this.#repositories.get(keyOf(owner, name));
  }

  repositoryById(id: number): Repository | undefined {
    const key = this.#keys.get(String(id));
    return key === undefined ? undefined : this.#repositories.get(key);
  }

  /** @throws GitHubError 404. @throws Moved where the name is one that a repository had before. */
  requireRepository(owner: string, name: string): Repository {
    const found = this.findRepository(owner, name);
    if (found && this.#isHidden(found)) throw new GitHubError(404, 'Not Found');
    if (found) return found;
    const redirect = this.#redirects.get(keyOf(owner, name));
    const moved = redirect === undefined ? undefined : this.repositoryById(redirect);
    if (moved) throw new Moved(moved);
    throw new GitHubError(404, 'Not Found');
  }

  /** Not everything that GitHub answers with has heard yet of what GitHub has just made. */
  #isHidden(repository: Repository): boolean {
    const { clock, faults } = this.context;
    const name = `${repository.owner}/${repository.name}`;
    const fault = faults.find('github', 'not-found-after-create', name);
    if (!fault || clock.now() - Date.parse(repository.createdAt) > (fault.delayMs ?? HIDDEN_MS)) return false;
    return faults.draw('github', 'not-found-after-create', name) !== undefined;
  }

  saveRepository(repository: Repository): void {
    const key = keyOf(repository.owner, repository.name);
    this.#redirects.delete(key);
    this.#repositories.set(key, repository);
    this.#keys.set(String(repository.id), key);
  }

  /** Under another name, of another owner or both: the old address leads to the new one, and its hooks go along. */
  moveRepository(repository: Repository, from: Pick<Repository, 'owner' | 'name'>): void {
    this.#repositories.delete(keyOf(from.owner, from.name));
    this.saveRepository({ ...repository, renamedAt: this.timestamp() });
    this.#redirects.set(keyOf(from.owner, from.name), repository.id);
    const own = this.hooks.list().filter(({ value }) => value.repositoryId === repository.id);
    for (const { key, value } of own) this.hooks.set(key, { ...value, owner: repository.owner });
  }

  initializeGit(repository: Repository): void {
    makeRepository(this.gitDirectory(repository), repository.defaultBranch);
  }

  async deleteRepository(repository: Repository): Promise<void> {
    this.#repositories.delete(keyOf(repository.owner, repository.name));
    this.#keys.delete(String(repository.id));
    for (const documents of this.#ofRepositories) {
      for (const key of documents.keys(keyIn(repository))) documents.delete(key);
    }
    for (const { key, value } of this.#redirects.list()) if (value === repository.id) this.#redirects.delete(key);
    for (const { key, value } of this.hooks.list()) if (value.repositoryId === repository.id) this.hooks.delete(key);
    await rm(this.gitDirectory(repository), { recursive: true, force: true });
  }

  /** Named by id, so that a rename moves nothing and a name used again starts anew. */
  gitDirectory(repository: Repository): string {
    return join(this.context.home, 'git', `${repository.id}.git`);
  }

  /** Full ref name to object id, annotated tags unpeeled. Empty for an empty repository. */
  refs(repository: Repository): Promise<Refs> {
    return readRefs(this.gitDirectory(repository));
  }

  async clear(): Promise<void> {
    for (const documents of this.#forgotten) documents.clear();
    await rm(join(this.context.home, 'git'), { recursive: true, force: true });
  }
}

/** The repository asked for has another name by now. */
export class Moved extends Error {
  constructor(readonly repository: Repository) {
    super('Moved Permanently');
  }
}

/** What the key of a document of this repository begins with. */
export function keyIn(repository: { id: number }): string {
  return `${repository.id}/`;
}

function keyOf(owner: string, name: string): string {
  return `${owner}/${name}`.toLowerCase();
}

function seedAccount(
  accounts: Collection<Account>,
  createdAt: string,
  seed: Pick<Account, 'login' | 'id' | 'type' | 'name'>,
): Account {
  const kept = accounts.get(seed.login);
  if (kept) return kept;
  const account: Account = { ...seed, email: `${seed.login}@example.com`, createdAt };
  accounts.set(seed.login, account);
  return account;
}
