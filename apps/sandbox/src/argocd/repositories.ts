import type { Collection } from '../core/store.js';
import type { SandboxContext } from '../core/context.js';
import { ArgoError } from './errors.js';
import type { GitRemotes } from './git-remote.js';
import { RemoteFailure } from './remote-failure.js';
import type { GitCredential } from './smart-http.js';
import { appCredential, type GitHubApp, isComplete } from './github-app.js';

export interface RegisteredRepository extends Credentials {
  repo: string;
  type: string;
  name?: string;
  project?: string;
  insecure?: boolean;
}

export interface CredentialTemplate extends Credentials {
  url: string;
  type: string;
}

/** A name and a password, or a GitHub App; neither: whatever is inherited. */
export interface Credentials extends Partial<GitHubApp> {
  username?: string;
  password?: string;
}

export interface ConnectionState {
  status: 'Successful' | 'Failed';
  message: string;
  attemptedAt: string;
}

const STATE_KEPT_MS = 180_000;

/** Repositories that Argo CD was told of, and the credentials that they inherit by the start of their URL. */
export class Repositories {
  readonly #repositories: Collection<RegisteredRepository>;
  readonly #templates: Collection<CredentialTemplate>;
  readonly #states = new Map<string, ConnectionState>();

  constructor(
    private readonly context: SandboxContext,
    private readonly remotes: GitRemotes,
  ) {
    this.#repositories = context.store.collection('argocd.repositories');
    this.#templates = context.store.collection('argocd.repocreds');
  }

  list(): RegisteredRepository[] {
    return this.#repositories.list().map(({ value }) => value);
  }

  /** The URLs that were registered for this project alone. */
  scopedTo(project: string): string[] {
    return this.list().flatMap((repository) => (repository.project === project ? [repository.repo] : []));
  }

  find(url: string): RegisteredRepository[] {
    return this.#repositories.list(`${normalUrl(url)} `).map(({ value }) => value);
  }

  /**
   * @throws ArgoError InvalidArgument where another registration holds the URL and upsert is not set; Unknown where the test
   * fails.
   */
  async register(repository: RegisteredRepository, upsert: boolean): Promise<RegisteredRepository> {
    // As in Argo CD, what belongs to a project is taken untested; a mistake in it shows when an application compares.
    if (!repository.project) {
      await this.test(repository);
      this.#noteState(repository, '');
    }
    const key = keyOf(repository);
    const existing = this.#repositories.get(key);
    if (existing && !upsert && !sameRegistration(existing, repository)) {
      throw new ArgoError('InvalidArgument', 'existing repository spec is different; use upsert flag to force update');
    }
    this.#repositories.set(key, repository);
    return repository;
  }

  async test(repository: RegisteredRepository): Promise<void> {
    try {
      await this.remotes.test(repository.repo, await this.#credential(repository.repo, repository));
    } catch (error) {
      if (!(error instanceof RemoteFailure)) throw error;
      throw new ArgoError('Unknown', `error testing repository connectivity: ${error.message}`);
    }
  }

  /** The outcome of a test that is at most three minutes old. */
  async connectionState(repository: RegisteredRepository): Promise<ConnectionState> {
    const kept = this.#states.get(keyOf(repository));
    if (kept && this.context.clock.now() - Date.parse(kept.attemptedAt) < STATE_KEPT_MS) return kept;
    const message = await this.test(repository).then(
      () => '',
      (error: Error) => error.message,
    );
    return this.#noteState(repository, message);
  }

  /** The outcome of the latest test, however old; undefined where there was none since the sandbox started. */
  lastConnectionState(repository: RegisteredRepository): ConnectionState | undefined {
    return this.#states.get(keyOf(repository));
  }

  remove(repository: RegisteredRepository): void {
    this.#repositories.delete(keyOf(repository));
    this.#states.delete(keyOf(repository));
  }

  templates(): CredentialTemplate[] {
    return this.#templates.list().map(({ value }) => value);
  }

  setTemplate(template: CredentialTemplate): void {
    this.#templates.set(normalUrl(template.url), template);
  }

  removeTemplate(url: string): boolean {
    return this.#templates.delete(normalUrl(url));
  }

  /**
   * What an application of this project reads the repository with: the registration of its project, else the one for all, else
   * the longest template that the URL starts with. @throws RemoteFailure where a GitHub App gives no token.
   */
  credentialFor(url: string, project: string): Promise<GitCredential | undefined> {
    const found = this.find(url);
    const own = found.find((repository) => repository.project === project) ?? found.find((repository) => !repository.project);
    return this.#credential(url, own);
  }

  inherits(repository: RegisteredRepository): boolean {
    return !hasCredential(repository) && this.#templateFor(repository.repo) !== undefined;
  }

  async #credential(url: string, own: Credentials | undefined): Promise<GitCredential | undefined> {
    const source = own && hasCredential(own) ? own : this.#templateFor(url);
    if (source && isComplete(source)) return appCredential(source, this.context.clock);
    if (!source?.password) return undefined;
    return { username: source.username ?? '', password: source.password };
  }

  clear(): void {
    this.#repositories.clear();
    this.#templates.clear();
    this.#states.clear();
  }

  #noteState(repository: RegisteredRepository, message: string): ConnectionState {
    const attemptedAt = this.context.clock.timestamp();
    const state: ConnectionState = { status: message === '' ? 'Successful' : 'Failed', message, attemptedAt };
    this.#states.set(keyOf(repository), state);
    return state;
  }

  #templateFor(url: string): CredentialTemplate | undefined {
    const wanted = normalUrl(url);
    const matching = this.templates().filter((template) => wanted.startsWith(normalUrl(template.url)));
    return matching.sort((a, b) => b.url.length - a.url.length)[0];
  }
}

/** URLs that differ in letter case, a final slash or .git lead to the same repository. */
export function sameUrl(a: string, b: string): boolean {
  return normalUrl(a) === normalUrl(b);
}

export function normalUrl(url: string): string {
  return url.trim().toLowerCase().replace(/\/+$/, '').replace(/\.git$/, '');
}

function keyOf(repository: RegisteredRepository): string {
  return `${normalUrl(repository.repo)} ${repository.project ?? ''}`;
}

function hasCredential(source: Credentials): boolean {
  return Boolean(source.password) || isComplete(source);
}

/** A password is never equal: Argo CD compares with what it inherits and hides, so a rotation needs upsert. */
function sameRegistration(a: RegisteredRepository, b: RegisteredRepository): boolean {
  if (hasCredential(a) || hasCredential(b)) return false;
  return a.repo === b.repo && a.type === b.type && (a.name ?? '') === (b.name ?? '') && (a.username ?? '') === (b.username ?? '');
}
