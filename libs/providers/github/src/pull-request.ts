import { defineStep, type StepContext, type StepDefinition, StepError } from '@slipway/engine';
import { z } from 'zod';
import { checkContent } from './check-content.js';
import type { GithubClient } from './client.js';
import type { Repository } from './find-repository.js';
import { makeOverlayCommit } from './overlay-commit.js';
import { existingRepository } from './owned-repository.js';
import { assertOursToUse, pullRequestId, pullRequestKind, withMark } from './pull-request-kind.js';
import { listPullRequests, openPullRequest, type PullRequest } from './pull-requests.js';
import { RefName, sourceFolder } from './push-workspace.js';
import { type Remote, withRemote } from './remote.js';
import { listRemoteRefs } from './remote-refs.js';
import { foreseenName, fullNameOf, oneRepository, repositoryPlace } from './repository-place.js';

const Input = z
  .object({
    ...repositoryPlace,
    title: z.string().min(1).max(256),
    description: z.string().max(60_000).default(''),
    branchName: RefName,
    /** Absent: the repository's default branch. */
    targetBranchName: RefName.optional(),
    draft: z.boolean().optional(),
    /** Folder in the workspace. */
    sourcePath: z.string().default('.'),
    /** Folder in the repository. */
    targetPath: z
      .string()
      .regex(/^(?!\/)(?!.*(^|\/)\.\.?(\/|$))/, 'must be a folder inside the repository')
      .default(''),
    commitMessage: z.string().min(1).max(2_000).optional(),
    gitAuthorName: z.string().min(1).max(100).optional(),
    gitAuthorEmail: z.email().optional(),
    allowPlaceholders: z.array(z.string()).default([]),
  })
  .refine(...oneRepository);
type Input = z.output<typeof Input>;

const Output = z.object({ remoteUrl: z.string(), pullRequestNumber: z.number(), targetBranchName: z.string() });

/** The branch goes first, by git, in a commit that carries the mark; the pull request follows it. */
export function publishPullRequest(github: GithubClient): StepDefinition {
  return defineStep({
    id: 'publish:github:pull-request',
    description: 'Opens a pull request that brings the workspace into a repository.',
    input: Input,
    output: Output,
    workspace: 'read',
    foresee: (input) => [{ effect: 'create', ...pullRequestResource(foreseenName(github.config, input), input.branchName) }],
    async run(ctx, input) {
      const fullName = fullNameOf(github.config, input);
      const repository = await existingRepository(github, ctx, fullName, 'open a pull request in');
      const base = input.targetBranchName ?? repository.defaultBranch;
      const needs = { contents: 'write', workflows: 'write' } as const;
      const commit = await withRemote(github, ctx, { repository, needs }, (remote) => ensureBranch(ctx, remote, base, input));
      const resource = pullRequestResource(fullName, input.branchName);
      const pull = await ensurePullRequest(github, ctx, { repository, base, input });
      await ctx.resources.created({ ...resource, url: pull.htmlUrl, properties: { number: pull.number, commit } });
      ctx.log.info(`Opened ${pull.htmlUrl}.`);
      return { output: { remoteUrl: pull.htmlUrl, pullRequestNumber: pull.number, targetBranchName: pull.base } };
    },
  });
}

function pullRequestResource(repository: string, branch: string) {
  const title = `Pull request from ${branch} of ${repository}`;
  return { kind: pullRequestKind, externalId: pullRequestId(repository, branch), title, properties: { repository, branch } };
}

/** Ours is used as it is: this is a later attempt. */
async function ensureBranch(ctx: StepContext, remote: Remote, base: string, input: Input): Promise<string> {
  const { repository } = remote;
  const refs = await listRemoteRefs(remote);
  const tip = refs.get(`refs/heads/${input.branchName}`);
  if (tip !== undefined) {
    const message = await fetchMessage(remote, input.branchName);
    assertOursToUse(message, ctx.mark, { branch: input.branchName, htmlUrl: repository.htmlUrl });
    await ctx.resources.plan(pullRequestResource(repository.fullName, input.branchName));
    return tip;
  }
  if (!refs.has(`refs/heads/${base}`)) throw noBase(repository, base);
  const commit = await commitOn(ctx, remote, base, input);
  await ctx.resources.plan(pullRequestResource(repository.fullName, input.branchName));
  const what = `push the branch ${input.branchName} to ${repository.fullName}`;
  await remote.talk({ what, write: true }, ['push', '--porcelain', repository.cloneUrl, `${commit}:refs/heads/${input.branchName}`]);
  return commit;
}

async function fetchMessage({ git, talk, local, repository }: Remote, branch: string): Promise<string> {
  const what = `read the branch ${branch} of ${repository.fullName}`;
  await talk({ what, write: false }, ['fetch', '--quiet', '--depth=1', repository.cloneUrl, `refs/heads/${branch}`]);
  return local(what, () => git.run(['show', '--no-patch', '--format=%B', 'FETCH_HEAD']));
}

async function commitOn(ctx: StepContext, remote: Remote, base: string, input: Input): Promise<string> {
  const { repository } = remote;
  const source = await sourceFolder(ctx, input.sourcePath);
  const { signal, holdsSecret } = ctx;
  await checkContent(source, { allowPlaceholders: input.allowPlaceholders, signal, holdsSecret });
  await fetchMessage(remote, base);
  const commit = await remote.local(`make a commit for ${repository.fullName}`, () =>
    makeOverlayCommit(remote.git, 'FETCH_HEAD', {
      source,
      targetPath: input.targetPath,
      message: withMark(input.commitMessage ?? input.title, ctx.mark),
      author: { name: input.gitAuthorName, email: input.gitAuthorEmail },
    }),
  );
  if (commit) return commit;
  throw new StepError('fatal', 'github_nothing_to_change', `There is nothing to propose to ${repository.fullName}: ${base} holds all of it already.`, {
    remedy: 'Check that a step before this one renders files, and `sourcePath` and `targetPath` of this step.',
  });
}

async function ensurePullRequest(
  github: GithubClient,
  ctx: StepContext,
  { repository, base, input }: { repository: Repository; base: string; input: Input },
): Promise<PullRequest> {
  const place = { repository: repository.fullName, branch: input.branchName };
  const known = (await listPullRequests(github, ctx, place)).find(({ state, base: target }) => state === 'open' && target === base);
  if (known) return known;
  return openPullRequest(github, ctx, { ...place, base, title: input.title, body: input.description, draft: input.draft });
}

function noBase({ fullName }: Repository, base: string): StepError {
  return new StepError('fatal', 'github_no_such_branch', `Could not open a pull request in ${fullName}: it has no branch ${base}.`, {
    remedy: 'Name one that is there as targetBranchName; a repository that is empty has none yet.',
  });
}
