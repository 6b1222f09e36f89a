import type { Check, RepositoryFacts } from '@slipway/contracts';

/** The properties of an entity that its repository's facts are shown as; null: not known, or no longer so. */
export function factsAsProperties({ state, commit, checks = [], release, image }: RepositoryFacts): Record<string, unknown> {
  return {
    ...(state && { repository_state: state.condition, default_branch: state.defaultBranch }),
    latest_commit: commit ? { sha: commit.sha, message: commit.message, author: commit.author, url: commit.url, at: commit.madeAt } : null,
    checks: commit ? checksOf(commit.sha, checks) : null,
    latest_release: release ? { tag: release.tag, name: release.name, url: release.url, at: release.at } : null,
    latest_image: image ? { name: image.name, tag: image.tag, digest: image.digest, url: image.url, at: image.at } : null,
  };
}

const good = ['success', 'neutral', 'skipped'];

/** Of one commit, all together: `pending` while one is under way, `failure` when one did not end well. */
function checksOf(sha: string, all: readonly Check[]): { state: string; sha: string; url: string | null; at: string } | null {
  const checks = all.filter((check) => check.sha === sha);
  const failed = checks.find(({ status, conclusion }) => status === 'completed' && !good.includes(conclusion ?? ''));
  const pending = checks.find(({ status }) => status !== 'completed');
  const told = failed ?? pending ?? checks.at(-1);
  if (!told) return null;
  return { state: failed ? 'failure' : pending ? 'pending' : 'success', sha, url: told.url, at: told.at };
}
