import { readCommits } from '../../git/commits.js';
import { changedFiles, countAhead, mergeBase, mergeTrees } from '../../git/history.js';
import { updateRef, writeCommit } from '../../git/objects.js';
import type { Collection } from '../../core/store.js';
import { GitHubError } from '../errors.js';
import type { Label } from '../issues/labels.js';
import type { Repository } from '../model.js';
import type { Webhooks } from '../webhooks.js';
import { keyIn, type World } from '../world.js';
import type { PullRequest } from './model.js';
import { type Diff, pullView } from './pull-view.js';

/** Pull requests between branches of one repository; there are no forks. */
export class Pulls {
  readonly #pulls: Collection<PullRequest>;
  /** The last that was given, by repository. */
  readonly #numbers: Collection<number>;

  constructor(
    private readonly world: World,
    private readonly webhooks: Webhooks,
  ) {
    this.#pulls = world.collectionOfRepositories('pulls');
    this.#numbers = world.collectionOfRepositories('issue-numbers');
  }

  /** Newest first. */
  list(repository: Repository): PullRequest[] {
    return this.#pulls.list(keyIn(repository)).map(({ value }) => value).reverse();
  }

  /** Issues and pull requests are counted as one. */
  nextNumber(repository: Repository): number {
    const last = this.#numbers.get(keyIn(repository)) ?? this.#pulls.keys(keyIn(repository)).length;
    this.#numbers.set(keyIn(repository), last + 1);
    return last + 1;
  }

  find(repository: Repository, number: string): PullRequest | undefined {
    return this.#pulls.get(keyOf(repository, Number(number)));
  }

  label(repository: Repository, pull: PullRequest, labels: Label[]): void {
    this.#pulls.set(keyOf(repository, pull.number), { ...pull, labels, updatedAt: this.world.timestamp() });
  }

  require(repository: Repository, number: string): PullRequest {
    const pull = this.find(repository, number);
    if (!pull) throw new GitHubError(404, 'Not Found');
    return pull;
  }

  /** @throws GitHubError 422 on a branch that is none, on one that adds nothing, and where one is open already. */
  async open(repository: Repository, asked: { title?: string; body?: string; head: string; base: string; draft?: boolean }): Promise<PullRequest> {
    const refs = await this.world.refs(repository);
    const head = asked.head.replace(`${repository.owner}:`, '');
    const [headSha, baseSha] = [refs.get(`refs/heads/${head}`), refs.get(`refs/heads/${asked.base}`)];
    if (!headSha) throw invalid({ field: 'head', code: 'invalid' });
    if (!baseSha) throw invalid({ field: 'base', code: 'invalid' });
    const open = this.list(repository).find((pull) => pull.state === 'open' && pull.head.ref === head && pull.base.ref === asked.base);
    if (open) throw invalid({ code: 'custom', message: `A pull request already exists for ${repository.owner}:${head}.` });
    const { ahead } = await countAhead(this.world.gitDirectory(repository), baseSha, headSha);
    if (ahead === 0) throw invalid({ code: 'custom', message: `No commits between ${asked.base} and ${head}` });
    const now = this.world.timestamp();
    const pull: PullRequest = {
      id: this.world.nextId('pull'),
      number: this.nextNumber(repository),
      repositoryId: repository.id,
      title: asked.title ?? '',
      body: asked.body ?? null,
      state: 'open',
      draft: asked.draft ?? false,
      base: { ref: asked.base, sha: baseSha },
      head: { ref: head, sha: headSha },
      mergeCommit: null,
      createdAt: now,
      updatedAt: now,
      closedAt: null,
      mergedAt: null,
    };
    this.#pulls.set(keyOf(repository, pull.number), pull);
    await this.#announce('opened', pull, repository);
    return pull;
  }

  async change(repository: Repository, pull: PullRequest, change: { title?: string; body?: string; state?: string; base?: string }): Promise<PullRequest> {
    const now = this.world.timestamp();
    const state = change.state === 'open' || change.state === 'closed' ? change.state : pull.state;
    if (pull.mergedAt !== null && state === 'open') throw invalid({ code: 'custom', message: 'state cannot be changed. The pull request is merged.' });
    const baseSha = change.base === undefined ? pull.base.sha : (await this.world.refs(repository)).get(`refs/heads/${change.base}`);
    if (!baseSha) throw invalid({ field: 'base', code: 'invalid' });
    const changed: PullRequest = {
      ...pull,
      title: change.title ?? pull.title,
      body: change.body ?? pull.body,
      state,
      base: { ref: change.base ?? pull.base.ref, sha: baseSha },
      closedAt: state === 'open' ? null : (pull.closedAt ?? now),
      updatedAt: now,
    };
    this.#pulls.set(keyOf(repository, pull.number), changed);
    if (state !== pull.state) await this.#announce(state === 'closed' ? 'closed' : 'reopened', changed, repository);
    const edits = {
      ...(changed.title !== pull.title && { title: { from: pull.title } }),
      ...(changed.body !== pull.body && { body: { from: pull.body ?? '' } }),
    };
    if (Object.keys(edits).length > 0) await this.#announce('edited', changed, repository, { changes: edits });
    return changed;
  }

  /** The commit that merged it. @throws GitHubError 405 where it cannot be merged, 409 where the head has moved on. */
  async merge(repository: Repository, pull: PullRequest, asked: { sha?: string; merge_method?: string; commit_title?: string; commit_message?: string }): Promise<string> {
    if (pull.state !== 'open') throw new GitHubError(405, 'Pull Request is not mergeable');
    if (asked.sha !== undefined && asked.sha !== pull.head.sha) throw new GitHubError(409, 'Head branch was modified. Review and try the merge again.');
    const directory = this.world.gitDirectory(repository);
    const tree = await mergeTrees(directory, pull.base.sha, pull.head.sha);
    if (tree === undefined) throw new GitHubError(405, 'Pull Request is not mergeable');
    const { name, email } = this.world.viewer;
    const person = { name, email, date: this.world.timestamp() };
    const squashes = asked.merge_method === 'squash' || asked.merge_method === 'rebase';
    const title = asked.commit_title ?? (squashes ? `${pull.title} (#${pull.number})` : `Merge pull request #${pull.number} from ${repository.owner}/${pull.head.ref}`);
    const message = [title, asked.commit_message ?? (squashes ? '' : pull.title)].filter(Boolean).join('\n\n');
    const parents = squashes ? [pull.base.sha] : [pull.base.sha, pull.head.sha];
    const mergeCommit = await writeCommit(directory, { tree: tree.split('\n')[0] ?? tree, parents, author: person, committer: person, message });
    const now = this.world.timestamp();
    const merged: PullRequest = { ...pull, state: 'closed', mergeCommit, mergedAt: now, closedAt: now, updatedAt: now };
    this.#pulls.set(keyOf(repository, pull.number), merged);
    await updateRef(directory, `refs/heads/${pull.base.ref}`, mergeCommit);
    await this.#announce('closed', merged, repository);
    return mergeCommit;
  }

  /** Follows a push: open pull requests see where their branches are now. A merge over git closes as merged. */
  async followPush(repository: Repository, refs: ReadonlyMap<string, string>): Promise<void> {
    for (const pull of this.list(repository).filter(({ state }) => state === 'open')) {
      const head = refs.get(`refs/heads/${pull.head.ref}`);
      const base = refs.get(`refs/heads/${pull.base.ref}`) ?? pull.base.sha;
      if (head === undefined) {
        await this.change(repository, pull, { state: 'closed' });
        continue;
      }
      if (head === pull.head.sha && base === pull.base.sha) continue;
      const moved = { ...pull, head: { ...pull.head, sha: head }, base: { ...pull.base, sha: base }, updatedAt: this.world.timestamp() };
      this.#pulls.set(keyOf(repository, pull.number), moved);
      if (head !== pull.head.sha) await this.#announce('synchronize', moved, repository, { before: pull.head.sha, after: head });
    }
  }

  async diff(repository: Repository, pull: PullRequest): Promise<Diff> {
    const [files, commits] = await Promise.all([this.files(repository, pull), this.commits(repository, pull)]);
    const open = pull.state === 'open';
    const tree = open ? await mergeTrees(this.world.gitDirectory(repository), pull.base.sha, pull.head.sha) : undefined;
    return {
      commits: commits.length,
      additions: files.reduce((sum, { additions }) => sum + additions, 0),
      deletions: files.reduce((sum, { deletions }) => sum + deletions, 0),
      changedFiles: files.length,
      mergeable: open ? tree !== undefined : null,
    };
  }

  async files(repository: Repository, { base, head }: PullRequest) {
    const directory = this.world.gitDirectory(repository);
    return changedFiles(directory, await mergeBase(directory, base.sha, head.sha), head.sha);
  }

  commits(repository: Repository, { base, head }: PullRequest) {
    return readCommits(this.world.gitDirectory(repository), ['--reverse', `${base.sha}..${head.sha}`]);
  }

  async #announce(action: string, pull: PullRequest, repository: Repository, fields: object = {}): Promise<void> {
    const view = pullView(pull, await this.diff(repository, pull), repository, this.world);
    this.webhooks.send(repository, 'pull_request', { action, number: pull.number, pull_request: view, ...fields });
  }
}

function keyOf(repository: Repository, number: number): string {
  return `${keyIn(repository)}${String(number).padStart(8, '0')}`;
}

function invalid(error: { code: string; field?: string; message?: string }): GitHubError {
  return new GitHubError(422, 'Validation Failed', [{ resource: 'PullRequest', ...error }]);
}
