import { createHash } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { resolveCommit } from '../git/commits.js';
import { GitFailure, gitText, runGit } from '../git/run-git.js';

export interface GitCredential {
  username: string;
  password: string;
}

const FETCH_WITHIN_MS = 60_000;

/** A repository could not be read. The message is worded as Argo CD words it. */
export class RemoteFailure extends Error {}

/** Reads remote repositories with git, keeping a bare copy of each. */
export class GitRemotes {
  readonly #fetching = new Map<string, Promise<unknown>>();
  readonly #prepared = new Map<string, Promise<unknown>>();
  /** Commits known to be in their copy, which spares a look. */
  readonly #fetched = new Set<string>();

  constructor(private readonly folder: string) {}

  /** Full ref name to commit, HEAD among them; annotated tags peeled. @throws RemoteFailure */
  async refs(url: string, credential: GitCredential | undefined): Promise<Map<string, string>> {
    const listed = await attempt(() => gitText(['ls-remote', '--quiet', url], optionsFor(credential)));
    const refs = new Map<string, string>();
    for (const line of listed.split('\n').filter(Boolean)) {
      const [sha = '', name = ''] = line.split('\t');
      // A peeled tag follows the tag object it belongs to, and takes its place.
      refs.set(name.replace(/\^\{\}$/, ''), sha);
    }
    return refs;
  }

  /** The registration test. @throws RemoteFailure also where there is no HEAD: nothing was ever pushed. */
  async test(url: string, credential: GitCredential | undefined): Promise<void> {
    const head = await attempt(() => gitText(['ls-remote', '--quiet', url, 'HEAD'], optionsFor(credential)));
    if (head === '') throw new RemoteFailure('remote repository is empty');
  }

  /** The commit that a branch, tag, HEAD or commit id names at this moment, its contents fetched. @throws RemoteFailure */
  async resolve(url: string, revision: string, credential: GitCredential | undefined): Promise<string> {
    const directory = await this.#directory(url);
    if (/^[0-9a-f]{40}$/.test(revision) && (await this.#has(url, directory, revision))) return revision;
    const refs = await this.refs(url, credential);
    const sha = refs.get(revision) ?? refs.get(`refs/heads/${revision}`) ?? refs.get(`refs/tags/${revision}`);
    if (sha && (await this.#has(url, directory, sha))) return sha;
    await this.#fetch(url, directory, credential);
    const commit = await resolveCommit(directory, sha ?? revision);
    if (!commit) throw new RemoteFailure(`unable to resolve '${revision}' to a commit SHA`);
    return commit;
  }

  async #has(url: string, directory: string, sha: string): Promise<boolean> {
    const key = `${url} ${sha}`;
    if (this.#fetched.has(key)) return true;
    if (!(await resolveCommit(directory, sha))) return false;
    this.#fetched.add(key);
    return true;
  }

  /** The bare copy that `resolve` has filled. */
  directory(url: string): string {
    return join(this.folder, `${createHash('sha256').update(url).digest('hex').slice(0, 24)}.git`);
  }

  async clear(): Promise<void> {
    await Promise.allSettled(this.#fetching.values());
    this.#prepared.clear();
    this.#fetched.clear();
    await rm(this.folder, { recursive: true, force: true });
  }

  async #directory(url: string): Promise<string> {
    const directory = this.directory(url);
    let prepared = this.#prepared.get(url);
    if (!prepared) {
      // Harmless where an earlier process has prepared it already.
      prepared = mkdir(directory, { recursive: true }).then(() => runGit(['init', '--quiet', '--bare', directory]));
      this.#prepared.set(url, prepared);
    }
    await prepared;
    return directory;
  }

  /** One at a time for each copy: git refuses to update a ref that another fetch is updating. */
  #fetch(url: string, directory: string, credential: GitCredential | undefined): Promise<unknown> {
    const turn = (this.#fetching.get(url) ?? Promise.resolve()).catch(() => undefined).then(() =>
      attempt(() => {
        const refspecs = ['+refs/heads/*:refs/heads/*', '+refs/tags/*:refs/tags/*'];
        return runGit(['fetch', '--quiet', '--force', '--prune', '--no-write-fetch-head', url, ...refspecs], {
          ...optionsFor(credential),
          cwd: directory,
        });
      }),
    );
    this.#fetching.set(url, turn);
    return turn;
  }
}

/** The credential reaches git through its environment: neither its arguments nor the URL may hold it. */
function optionsFor(credential: GitCredential | undefined) {
  const signal = AbortSignal.timeout(FETCH_WITHIN_MS);
  if (!credential) return { signal };
  const basic = Buffer.from(`${credential.username}:${credential.password}`).toString('base64');
  const env = {
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: 'http.extraHeader',
    GIT_CONFIG_VALUE_0: `Authorization: Basic ${basic}`,
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
  if (/could not read Username|Authentication failed|401/i.test(said)) return 'authentication required: Repository not found.';
  if (/403/.test(said)) return 'authorization failed';
  return `failed to list refs: ${said.trim()}`;
}
