import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { resolveCommit } from '../git/commits.js';
import { keepPack } from '../git/keep-pack.js';
import { makeRepository } from '../git/make-repository.js';
import { isObjectId, readRefs, type Refs } from '../git/refs.js';
import { GitFailure, gitText, runGit } from '../git/run-git.js';
import { AUTHENTICATION_REQUIRED, RemoteFailure } from './remote-failure.js';
import { basic, type GitCredential, listAdvertised, type ListedRef, requestPack } from './smart-http.js';

const FETCH_WITHIN_MS = 60_000;

/** Reads remote repositories, keeping a bare copy of each of which contents were needed. */
export class GitRemotes {
  readonly #fetching = new Map<string, Promise<unknown>>();
  /** Commits known to be in their copy, which spares a look. */
  readonly #fetched = new Set<string>();
  readonly #listing = new Map<string, Promise<Refs>>();
  readonly #listedNext = new Map<string, Promise<Refs>>();

  constructor(private readonly folder: string) {}

  /**
   * Full ref name to commit, HEAD among them; annotated tags peeled. Whoever asks while the repository is being asked shares
   * the next answer with all others who wait for it: that one cannot be older than their questions. @throws RemoteFailure
   */
  refs(url: string, credential: GitCredential | undefined): Promise<Refs> {
    const key = JSON.stringify([url, credential]);
    const shared = this.#listedNext.get(key);
    if (shared) return shared;
    const before = this.#listing.get(key);
    const next = Promise.allSettled([before]).then(() => {
      this.#listedNext.delete(key);
      this.#listing.set(key, next);
      return listRefs(url, credential);
    });
    this.#listedNext.set(key, next);
    const forget = () => {
      if (this.#listing.get(key) === next) this.#listing.delete(key);
    };
    next.then(forget, forget);
    return next;
  }

  /** The registration test. @throws RemoteFailure also where there is no HEAD: nothing was ever pushed. */
  async test(url: string, credential: GitCredential | undefined): Promise<void> {
    const refs = await this.refs(url, credential);
    if (!refs.has('HEAD')) throw new RemoteFailure('remote repository is empty');
  }

  /** The commit that a branch, tag, HEAD or commit id names at this moment. @throws RemoteFailure */
  async resolve(url: string, revision: string, credential: GitCredential | undefined): Promise<string> {
    if (isObjectId(revision) && (await this.#has(url, revision))) return revision;
    const refs = await this.refs(url, credential);
    const named = refs.get(revision) ?? refs.get(`refs/heads/${revision}`) ?? refs.get(`refs/tags/${revision}`);
    if (named) return named;
    // What is left is the id of a commit, whole or abbreviated, which only its contents tell.
    await this.#fetch(url, credential);
    const commit = await resolveCommit(this.#directory(url), revision);
    if (!commit) throw unresolvable(revision);
    return commit;
  }

  /** A bare copy that holds this commit of the repository. @throws RemoteFailure */
  async contents(url: string, commit: string, credential: GitCredential | undefined): Promise<string> {
    if (!(await this.#has(url, commit))) {
      await this.#fetch(url, credential, commit);
      if (!(await this.#has(url, commit))) throw unresolvable(commit);
    }
    return this.#directory(url);
  }

  async clear(): Promise<void> {
    await Promise.allSettled(this.#fetching.values());
    this.#fetched.clear();
    await rm(this.folder, { recursive: true, force: true });
  }

  async #has(url: string, sha: string): Promise<boolean> {
    const key = `${url} ${sha}`;
    if (this.#fetched.has(key)) return true;
    const directory = this.#prepare(url);
    const refs = await readRefs(directory);
    // Mostly it is what a branch points to, and nothing is in a copy that was just made: neither needs git to tell.
    const isThere = [...refs.values()].includes(sha) || (refs.size > 0 && (await resolveCommit(directory, sha)));
    if (!isThere) return false;
    this.#fetched.add(key);
    return true;
  }

  #directory(url: string): string {
    return join(this.folder, `${createHash('sha256').update(url).digest('hex').slice(0, 24)}.git`);
  }

  /** The copy's folder, where an earlier process may have made it already. */
  #prepare(url: string): string {
    const directory = this.#directory(url);
    if (!existsSync(join(directory, 'HEAD'))) makeRepository(directory);
    return directory;
  }

  /**
   * One at a time for each copy: git refuses to update a ref that another fetch is updating. Where the one before brought the
   * commit, there is nothing left to do.
   */
  #fetch(url: string, credential: GitCredential | undefined, commit?: string): Promise<unknown> {
    const turn = Promise.allSettled([this.#fetching.get(url)]).then(async () => {
      if (commit !== undefined && (await this.#has(url, commit))) return;
      const directory = this.#prepare(url);
      if (isHttp(url) && (await readRefs(directory)).size === 0) return fillCopy(directory, url, credential);
      const refspecs = ['+refs/heads/*:refs/heads/*', '+refs/tags/*:refs/tags/*'];
      const options = { ...optionsFor(credential), cwd: directory };
      // Version 0 of the protocol, as go-git speaks it: the refs come with the first answer. What comes is kept as it comes.
      const fetch = ['-c', 'protocol.version=0', '-c', 'fetch.unpackLimit=1', 'fetch', '--quiet', '--force', '--prune', '--no-write-fetch-head'];
      await attempt(() => runGit([...fetch, url, ...refspecs], options));
    });
    this.#fetching.set(url, turn);
    return turn;
  }
}

function unresolvable(revision: string): RemoteFailure {
  return new RemoteFailure(`unable to resolve '${revision}' to a commit SHA`);
}

function isHttp(url: string): boolean {
  return /^https?:/.test(url);
}

/** The first fetch into a copy brings all there is: a pack to ask for and to keep. Git's own fetch starts four processes for that. */
async function fillCopy(directory: string, url: string, credential: GitCredential | undefined): Promise<void> {
  const refs = (await listAdvertised(url, credential)).filter(({ name }) => /^refs\/(heads|tags)\/.*(?<!\^\{\})$/.test(name));
  if (refs.length === 0) return;
  const pack = await requestPack(url, credential, refs.map(({ id }) => id));
  await attempt(() => keepPack(directory, pack));
  // Last, in one file: whoever finds a ref finds what it points to.
  await writeFile(join(directory, 'packed-refs'), refs.map(({ id, name }) => `${id} ${name}\n`).join(''));
}

async function listRefs(url: string, credential: GitCredential | undefined): Promise<Refs> {
  return peeled(isHttp(url) ? await listAdvertised(url, credential) : await lsRemote(url, credential));
}

/** A peeled tag follows the tag object it belongs to, and takes its place. */
function peeled(refs: readonly ListedRef[]): Refs {
  return new Map(refs.map(({ id, name }) => [name.replace(/\^\{\}$/, ''), id]));
}

async function lsRemote(url: string, credential: GitCredential | undefined): Promise<ListedRef[]> {
  const listed = await attempt(() => gitText(['ls-remote', '--quiet', url], optionsFor(credential)));
  return listed.split('\n').filter(Boolean).map((line) => {
    const [id = '', name = ''] = line.split('\t');
    return { id, name };
  });
}

/** The credential reaches git through its environment: neither its arguments nor the URL may hold it. */
function optionsFor(credential: GitCredential | undefined) {
  const signal = AbortSignal.timeout(FETCH_WITHIN_MS);
  if (!credential) return { signal };
  const env = {
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: 'http.extraHeader',
    GIT_CONFIG_VALUE_0: `Authorization: ${basic(credential)}`,
  };
  return { signal, env };
}

async function attempt<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw new RemoteFailure(wording(error), { cause: error });
  }
}

/** What go-git, which the real one uses, would say where git said this. */
function wording(error: unknown): string {
  const said = error instanceof GitFailure ? error.stderr : String(error);
  if (/not found|does not exist/i.test(said)) return 'repository not found';
  if (/could not read Username|Authentication failed|401/i.test(said)) return AUTHENTICATION_REQUIRED;
  if (/403/.test(said)) return 'authorization failed';
  return `failed to list refs: ${said.trim()}`;
}
