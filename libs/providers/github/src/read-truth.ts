import type { RepositoryFacts } from '@slipway/contracts';
import type { CallContext, GithubClient } from './client.js';
import { isOneOf } from './is-one-of.js';
import { releaseOf, statusOf } from './parse-webhook.js';

/** What is true of a repository now, in the same words as its webhooks. */
export interface RepositoryTruth {
  repository: { id: number; fullName: string };
  seen: RepositoryFacts;
  /** `*`: there is no release. */
  goneRelease?: string;
  /** There is no such repository, or none that we may see: GitHub does not tell these apart. */
  gone?: boolean;
}

export interface NamedRepository {
  /** Null: not known. */
  id: number | null;
  fullName: string;
}

/** Five calls. Throws `StepError`, or `NotNow` where GitHub's pace leaves no room for them now. */
export async function readTruth(github: GithubClient, ctx: CallContext, named: NamedRepository): Promise<RepositoryTruth> {
  const wire = await repositoryOf(github, ctx, named);
  if (!wire) return { repository: { id: named.id ?? 0, fullName: named.fullName }, seen: {}, gone: true };
  const place = { owner: wire.owner.login, repo: wire.name };
  const state = {
    ...{ fullName: wire.full_name, url: wire.html_url, defaultBranch: wire.default_branch },
    ...{ condition: wire.archived ? ('archived' as const) : ('active' as const), at: iso(wire.updated_at ?? wire.created_at) },
  };
  const commit = await commitOf(github, ctx, place, wire.default_branch, iso(wire.pushed_at ?? wire.updated_at));
  const checks = commit ? await checksOf(github, ctx, place, commit.sha) : [];
  const release = await latestRelease(github, ctx, place);
  const image = await latestImage(github, ctx, place);
  return {
    repository: { id: Number(wire.id), fullName: wire.full_name },
    seen: { state, ...(commit && { commit }), checks, ...release, ...image },
    ...(release.release ? {} : { goneRelease: '*' }),
  };
}

// A type and not an interface: octokit wants an index signature.
type Place = { owner: string; repo: string };

/** By its id, which its name may not outlive. */
function repositoryOf(github: GithubClient, ctx: CallContext, { id, fullName }: NamedRepository) {
  const [owner = '', repo = ''] = fullName.split('/');
  return ifThere(() =>
    github.call(ctx, {
      ...{ what: `read the repository ${fullName}`, needs: { metadata: 'read' } },
      send: async (octokit) =>
        id === null
          ? (await octokit.rest.repos.get({ owner, repo })).data
          : ((await octokit.request('GET /repositories/{id}', { id })).data as Awaited<ReturnType<typeof octokit.rest.repos.get>>['data']),
    }),
  );
}

async function commitOf(github: GithubClient, ctx: CallContext, place: Place, branch: string, pushedAt: string): Promise<RepositoryFacts['commit']> {
  const what = { what: `read the latest commit of ${place.owner}/${place.repo}`, needs: { contents: 'read' } } as const;
  const found = await ifThere(() =>
    github.call(ctx, { ...what, send: async (octokit) => (await octokit.rest.repos.getCommit({ ...place, ref: branch })).data }),
  );
  if (!found) return undefined;
  const { sha, html_url: url, author: account, parents, commit } = found;
  const author = account && 'login' in account ? account.login : (commit.author?.name ?? '');
  const madeAt = iso(commit.committer?.date ?? commit.author?.date);
  return { branch, sha, before: parents[0]?.sha ?? null, message: commit.message, author, url, madeAt, at: pushedAt };
}

async function checksOf(github: GithubClient, ctx: CallContext, place: Place, sha: string): Promise<NonNullable<RepositoryFacts['checks']>> {
  const what = { what: `read the workflow runs of ${place.owner}/${place.repo}`, needs: { actions: 'read' } } as const;
  const query = { ...place, head_sha: sha, per_page: 50 };
  const found = await ifThere(() =>
    github.call(ctx, { ...what, send: async (octokit) => (await octokit.rest.actions.listWorkflowRunsForRepo(query)).data.workflow_runs }),
  );
  return (found ?? []).map((run) => ({
    ...{ id: String(run.check_suite_id ?? run.id), sha: run.head_sha, name: run.name ?? 'workflow', status: statusOf(run.status) },
    ...{ conclusion: run.conclusion, url: run.html_url, attempt: run.run_attempt ?? 1, at: iso(run.updated_at) },
  }));
}

async function latestRelease(github: GithubClient, ctx: CallContext, place: Place): Promise<Pick<RepositoryFacts, 'release'>> {
  const what = { what: `read the latest release of ${place.owner}/${place.repo}`, needs: { contents: 'read' } } as const;
  const found = await ifThere(() => github.call(ctx, { ...what, send: async (octokit) => (await octokit.rest.repos.getLatestRelease(place)).data }));
  return found ? releaseOf(found) : {};
}

/** Of the container package that is called as the repository is. */
async function latestImage(github: GithubClient, ctx: CallContext, { owner, repo }: Place): Promise<Pick<RepositoryFacts, 'image'>> {
  const which = { org: owner, package_type: 'container' as const, package_name: repo.toLowerCase(), per_page: 20 };
  const what = { what: `read the images of ${owner}/${repo}`, needs: { packages: 'read' } } as const;
  const versions = await ifThere(() =>
    github.call(ctx, { ...what, send: async (octokit) => (await octokit.rest.packages.getAllPackageVersionsForPackageOwnedByOrg(which)).data }),
  );
  const newest = versions?.find(({ metadata }) => metadata?.container?.tags.length);
  const tag = newest?.metadata?.container?.tags[0];
  if (!newest || !tag) return {};
  return { image: { name: which.package_name, tag, digest: newest.name, url: newest.html_url ?? newest.package_html_url ?? '', at: iso(newest.updated_at) } };
}

/** Undefined of what is not there; a repository without a commit answers 409. */
async function ifThere<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (isOneOf(error, ['github_not_found', 'github_rejected', 'github_conflict'])) return undefined;
    throw error;
  }
}

function iso(time: string | null | undefined): string {
  return new Date(time ?? 0).toISOString();
}
