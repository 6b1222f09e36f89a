import { readCommits } from '../git/commits.js';
import { runGit, GitFailure, gitText } from '../git/run-git.js';
import { pushCommit } from './commit-view.js';
import type { Repository } from './model.js';
import { fullName, pushRepository } from './repository-view.js';
import type { Webhooks } from './webhooks.js';
import type { World } from './world.js';

const NOTHING = '0'.repeat(40);
const MOST_COMMITS = 2_048;

/** What follows a push, found by comparing the refs before it with those after: times, the default branch, webhooks. */
export async function afterPush(
  repository: Repository,
  before: ReadonlyMap<string, string>,
  world: World,
  webhooks: Webhooks,
): Promise<void> {
  const after = await world.refs(repository);
  const changed = new Set([...before.keys(), ...after.keys()].filter((ref) => before.get(ref) !== after.get(ref)));
  if (changed.size === 0) return;
  const current = world.repositoryById(repository.id);
  if (!current) return;
  const now = world.timestamp();
  const defaultBranch = await chooseDefaultBranch(current, after, world);
  const pushed: Repository = { ...current, defaultBranch, pushedAt: now, updatedAt: now };
  world.saveRepository(pushed);
  for (const ref of changed) await announce(pushed, ref, before, after, world, webhooks);
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
  const commits = deleted ? [] : await newCommits(directory, now, before);
  const head = deleted ? undefined : (await readCommits(directory, ['-1', now]))[0];
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
    commits: isBranch ? commits.map((commit) => pushCommit(commit, repository, world)) : [],
    head_commit: head ? pushCommit(head, repository, world) : null,
  });
}

/** Oldest first: what no ref reached before this push. */
function newCommits(directory: string, now: string, before: ReadonlyMap<string, string>) {
  const known = [...new Set(before.values())];
  const exclusions = known.length > 0 ? ['--not', ...known] : [];
  return readCommits(directory, ['--reverse', `--max-count=${MOST_COMMITS}`, now, ...exclusions]);
}

async function isAncestor(directory: string, old: string, now: string): Promise<boolean> {
  try {
    await runGit(['merge-base', '--is-ancestor', old, now], { cwd: directory });
    return true;
  } catch (error) {
    if (error instanceof GitFailure && error.exitCode === 1) return false;
    throw error;
  }
}

/** The branch that a new ref starts from, where it starts at one's tip. */
function baseOf(ref: string, now: string, before: ReadonlyMap<string, string>): string | null {
  for (const [other, sha] of before) if (other !== ref && sha === now && other.startsWith('refs/heads/')) return other;
  return null;
}

function compareUrl(html: string, old: string, now: string): string {
  return `${html}/compare/${old.slice(0, 12)}...${now.slice(0, 12)}`;
}
