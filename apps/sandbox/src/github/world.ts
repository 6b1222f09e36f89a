import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { keptSecret, randomText } from '../core/credentials.js';
import type { SandboxContext } from '../core/context.js';
import type { Collection } from '../core/store.js';
import { gitText, runGit } from '../git/run-git.js';
import { GitHubError } from './errors.js';
import type { Account, Delivery, Hook, Repository } from './model.js';

/** Everything that the routes of the GitHub stand-in read and change. */
export class World {
  readonly url: string;
  readonly apiUrl: string;
  readonly token: string;
  readonly organization: Account;
  /** Whose token it is. */
  readonly viewer: Account;
  readonly hooks: Collection<Hook>;
  readonly deliveries: Collection<Delivery>;
  readonly #repositories: Collection<Repository>;
  /** Old full names of renamed repositories, lower case, and the id each leads to. */
  readonly #redirects: Collection<number>;
  readonly #counters: Collection<number>;

  constructor(readonly context: SandboxContext) {
    const { store, publicHost, ports } = context;
    this.url = `http://${publicHost}:${ports.github}`;
    this.apiUrl = `${this.url}/api/v3`;
    this.token = keptSecret(store, 'github.token', () => `ghp_${randomText(36)}`);
    const accounts = store.collection<Account>('github.accounts');
    const now = this.timestamp();
    this.organization = seedAccount(accounts, now, { login: 'acme', id: 90_001, type: 'Organization', name: 'Acme' });
    this.viewer = seedAccount(accounts, now, { login: 'slipway-bot', id: 90_002, type: 'User', name: 'Slipway' });
    this.hooks = store.collection('github.hooks');
    this.deliveries = store.collection('github.deliveries');
    this.#repositories = store.collection('github.repositories');
    this.#redirects = store.collection('github.redirects');
    this.#counters = store.collection('github.counters');
  }

  /** Now, as GitHub writes times: ISO 8601 in whole seconds. */
  timestamp(): string {
    return new Date(this.context.clock.now()).toISOString().replace(/\.\d+Z$/, 'Z');
  }

  nextId(kind: string): number {
    const id = (this.#counters.get(kind) ?? 1_000_000) + 1;
    this.#counters.set(kind, id);
    return id;
  }

  /** @throws GitHubError 404, as GitHub answers for what does not exist or may not be seen. */
  requireOrganization(login: string): Account {
    if (login.toLowerCase() !== this.organization.login) throw new GitHubError(404, 'Not Found');
    return this.organization;
  }

  repositories(): Repository[] {
    return this.#repositories.list().map(({ value }) => value);
  }

  findRepository(owner: string, name: string): Repository | undefined {
    return this.#repositories.get(keyOf(owner, name));
  }

  repositoryById(id: number): Repository | undefined {
    return this.repositories().find((repository) => repository.id === id);
  }

  /** @throws GitHubError 404. @throws Moved where the name is one that a repository had before. */
  requireRepository(owner: string, name: string): Repository {
    const found = this.findRepository(owner, name);
    if (found) return found;
    const redirect = this.#redirects.get(keyOf(owner, name));
    const moved = redirect === undefined ? undefined : this.repositoryById(redirect);
    if (moved) throw new Moved(moved);
    throw new GitHubError(404, 'Not Found');
  }

  saveRepository(repository: Repository): void {
    this.#redirects.delete(keyOf(repository.owner, repository.name));
    this.#repositories.set(keyOf(repository.owner, repository.name), repository);
  }

  renameRepository(repository: Repository, oldName: string): void {
    this.#repositories.delete(keyOf(repository.owner, oldName));
    this.saveRepository(repository);
    this.#redirects.set(keyOf(repository.owner, oldName), repository.id);
  }

  async initializeGit(repository: Repository): Promise<void> {
    const directory = this.gitDirectory(repository);
    await mkdir(directory, { recursive: true });
    await runGit(['init', '--quiet', '--bare', `--initial-branch=${repository.defaultBranch}`, directory]);
  }

  async deleteRepository(repository: Repository): Promise<void> {
    this.#repositories.delete(keyOf(repository.owner, repository.name));
    for (const { key, value } of this.#redirects.list()) if (value === repository.id) this.#redirects.delete(key);
    for (const { key, value } of this.hooks.list()) if (value.repositoryId === repository.id) this.hooks.delete(key);
    await rm(this.gitDirectory(repository), { recursive: true, force: true });
  }

  /** Named by id, so that a rename moves nothing and a name used again starts anew. */
  gitDirectory(repository: Repository): string {
    return join(this.context.home, 'git', `${repository.id}.git`);
  }

  /** Full ref name to object id, annotated tags unpeeled. Empty for an empty repository. */
  async refs(repository: Repository): Promise<Map<string, string>> {
    const listed = await gitText(['for-each-ref', '--format=%(refname) %(objectname)'], { cwd: this.gitDirectory(repository) });
    const pairs = listed.split('\n').filter(Boolean).map((line) => line.split(' ') as [string, string]);
    return new Map(pairs);
  }

  async clear(): Promise<void> {
    for (const collection of [this.hooks, this.deliveries, this.#repositories, this.#redirects]) collection.clear();
    await rm(join(this.context.home, 'git'), { recursive: true, force: true });
  }
}

/** The repository asked for has another name by now. */
export class Moved extends Error {
  constructor(readonly repository: Repository) {
    super('Moved Permanently');
  }
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
