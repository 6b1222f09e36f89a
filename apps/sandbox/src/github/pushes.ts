import { type Commit, readCommit, readCommits } from '../git/commits.js';
import { isAncestor } from '../git/history.js';
import { gitText } from '../git/run-git.js';
import { pushCommit } from './commit-view.js';
import type { Repository } from './model.js';
import { fullName, pushRepository } from './repository-view.js';
import type { Webhooks } from './webhooks.js';
import type { World } from './world.js';

export const NOTHING = '0'.repeat(40);
const MOST_COMMITS = 2_048;

/** One ref that a push moved. */
export interface RefChange {
  ref: string;
  /** Forty zeroes: it was not there before, or is not there now. */
  before: string;
  after: string;
}
export type PushListener = (repository: Repository, changes: readonly RefChange[], refs: ReadonlyMap<string, string>) => Promise<void>;

/** What follows a push, whether it came over git or over REST: times, the default branch, webhooks, and whoever listens. */
export class Pushes {
  readonly #listeners: PushListener[] = [];

  constructor(
    private readonly world: World,
    private readonly webhooks: Webhooks,
  ) {}

  listen(listener: PushListener): void {
    this.#listeners.push(listener);
  }

  /** The push is found by comparing the refs before it with those now. */
  async follow(repository: Repository, before: ReadonlyMap<string, string>): Promise<void> {
    const { world, webhooks } = this;
    const after = await world.refs(repository);
    const changed = [...new Set([...before.keys(), ...after.keys()])].filter((ref) => before.get(ref) !== after.get(ref));
    if (changed.length === 0) return;
    const current = world.repositoryById(repository.id);
    if (!current) return;
    const now = world.timestamp();
    const defaultBranch = await chooseDefaultBranch(current, after, world);
    const pushed: Repository = { ...current, defaultBranch, pushedAt: now, updatedAt: now };
    world.saveRepository(pushed);
    for (const ref of changed) await announce(pushed, ref, before, after, world, webhooks);
    const changes = changed.map((ref) => ({ ref, before: before.get(ref) ?? NOTHING, after: after.get(ref) ?? NOTHING }));
    for (const listener of this.#listeners) await listener(pushed, changes, after);
  }
}

/** The first branch pushed into an empty repository becomes its default where the one intended does not exist. */
async function chooseDefaultBranch(repository: Repository, refs: ReadonlyMap<string, string>, world: World): Promise<string> {
  const heads = [...refs.keys()].filter((ref) => ref.startsWith('refs/heads/'));
  const first = heads[0];
  if (!first || heads.includes(`refs/heads/${repository.defaultBranch}`)) return repository.defaultBranch;
  await gitText(['symbolic-ref', 'HEAD', first], { cwd: world.gitDirectory(repository) });
  return first.slice('refs/heads/'.length);
}

async function announce(
  repository: Repository,
  ref: string,
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
  world: World,
  webhooks: Webhooks,
): Promise<void> {
  const old = before.get(ref) ?? NOTHING;
  const now = after.get(ref) ?? NOTHING;
  const isBranch = ref.startsWith('refs/heads/');
  if (!isBranch && !ref.startsWith('refs/tags/')) return;
  const directory = world.gitDirectory(repository);
  const deleted = now === NOTHING;
  const { description, defaultBranch } = repository;
  const named = { ref: ref.replace(/^refs\/(heads|tags)\//, ''), ref_type: isBranch ? 'branch' : 'tag', full_ref: ref, pusher_type: 'user' };
  if (old === NOTHING) webhooks.send(repository, 'create', { ...named, master_branch: defaultBranch, description });
  if (deleted) webhooks.send(repository, 'delete', named);
  const head = deleted ? undefined : await readCommit(directory, now);
  const commits = isBranch && head ? await newCommits(directory, head, before) : [];
  const html = `${world.url}/${fullName(repository)}`;
  webhooks.send(repository, 'push', {
    ref,
    before: old,
    after: now,
    repository: pushRepository(repository, world),
    pusher: { name: world.viewer.login, email: world.viewer.email },
    created: old === NOTHING,
    deleted,
    forced: old !== NOTHING && !deleted && !(await isAncestor(directory, old, now)),
    base_ref: old === NOTHING ? baseOf(ref, now, before) : null,
    compare: old === NOTHING || deleted ? `${html}/commit/${(deleted ? old : now).slice(0, 12)}` : compareUrl(html, old, now),
    commits: commits.map((commit) => pushCommit(commit, repository, world)),
    head_commit: head ? pushCommit(head, repository, world) : null,
  });
}

/** Oldest first: what no ref reached before this push. */
async function newCommits(directory: string, head: Commit, before: ReadonlyMap<string, string>): Promise<Commit[]> {
  const known = [...new Set(before.values())];
  if (known.includes(head.sha)) return [];
  if (head.parents.length === 0) return [head];
  const exclusions = known.length > 0 ? ['--not', ...known] : [];
  return readCommits(directory, ['--reverse', `--max-count=${MOST_COMMITS}`, head.sha, ...exclusions]);
}

/** The branch that a new ref starts from, where it starts at one's tip. */
function baseOf(ref: string, now: string, before: ReadonlyMap<string, string>): string | null {
  for (const [other, sha] of before) if (other !== ref && sha === now && other.startsWith('refs/heads/')) return other;
  return null;
}

function compareUrl(html: string, old: string, now: string): string {
  return `${html}/compare/${old.slice(0, 12)}...${now.slice(0, 12)}`;
}
