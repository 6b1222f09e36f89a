import { realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { type LedgerResource, StepError, type StepContext } from '@slipway/engine';
import { z } from 'zod';
import { checkContent } from './check-content.js';
import type { GithubClient } from './client.js';
import type { Repository } from './find-repository.js';
import { ownedRepository } from './owned-repository.js';
import { type Remote, withRemote } from './remote.js';
import { listRemoteRefs, type Refs } from './remote-refs.js';
import { repositoryKind } from './repository-kind.js';
import { type Author, makeRootCommit } from './root-commit.js';

/** A part of what git allows, without what a shell, a URL or git's own revision syntax could read otherwise. */
export const RefName = z
  .string()
  .max(100)
  .regex(/^[A-Za-z0-9_](?:[A-Za-z0-9._/-]*[A-Za-z0-9_])?$/, 'must be a plain branch or tag name')
  .refine((name) => !/\.\.|\/\/|\.lock(\/|$)|\/\./.test(name), 'must be a plain branch or tag name');

interface Push {
  /** owner/name */
  repository: string;
  message: string;
  branch: string;
  tag?: string | undefined;
  /** Folder in the workspace. */
  source: string;
  author?: Author | undefined;
  allowPlaceholders: readonly string[];
  botBranches: readonly string[];
}

interface Pushed {
  commit: string;
  repository: Repository;
}

/** The workspace as the one commit of an empty repository of this service. Pushed before, it is the same commit, and stays. */
export async function pushWorkspace(github: GithubClient, ctx: StepContext, input: Push): Promise<Pushed> {
  const repository = await ownedRepository(github, ctx, input.repository, 'push to');
  const source = await sourceFolder(ctx, input.source);
  const { signal, holdsSecret } = ctx;
  await checkContent(source, { allowPlaceholders: input.allowPlaceholders, signal, holdsSecret });
  const known = await rowOfThisRun(ctx, input);
  const needs = { contents: 'write', workflows: 'write' } as const;
  const commit = await withRemote(github, ctx, { repository, needs }, async (remote) => {
    const made = await commitOf(remote, source, input);
    // By what was pushed before, the repository may go on the way back: that is not forgotten for a push that will be refused.
    const pushedBefore = known?.properties['commit'];
    const isOther = pushedBefore !== undefined && pushedBefore !== made;
    if (isOther && isPushed(await listRemoteRefs(remote), made, input, repository)) return made;
    // Before the push: on the way back the repository may go only if it holds this commit and nothing else.
    if (known) await record(ctx, input, repository, made);
    await push(remote, made, input);
    return made;
  });
  if (known) await record(ctx, input, repository, commit);
  ctx.log.info(`Pushed ${commit.slice(0, 7)} to ${input.branch} of ${repository.htmlUrl}.`);
  return { commit, repository };
}

export async function sourceFolder(ctx: StepContext, source: string): Promise<string> {
  const workspace = await realpath(ctx.files.workspace);
  const folder = await realpath(join(workspace, source)).catch(() => undefined);
  if (folder === workspace || folder?.startsWith(workspace + sep)) return folder;
  throw nothingToPush(source, 'there is no such folder in the workspace');
}

async function commitOf({ git, local, repository }: Remote, source: string, input: Push): Promise<string> {
  // The repository's own age, and not the run's: a person may retry a failed run days later and must get the same commit.
  const date = repository.createdAt ?? '2000-01-01T00:00:00Z';
  const commit = await local(`make a commit for ${repository.fullName}`, () => makeRootCommit(git, { source, message: input.message, date, author: input.author }));
  if (commit) return commit;
  throw nothingToPush(input.source, 'it holds no file');
}

function isPushed(refs: Refs, commit: string, input: Push, repository: Repository): boolean {
  const wanted = refsOf(input);
  const foreign = wanted.find((ref) => refs.has(ref) && refs.get(ref) !== commit);
  if (foreign !== undefined) {
    const holds = `${foreign} holds ${refs.get(foreign)?.slice(0, 7)}, which this run did not make`;
    throw new StepError('fatal', 'github_repository_not_empty', `Could not push to ${repository.fullName}: ${holds}.`, {
      remedy: `Look at ${repository.htmlUrl}: save what it holds and delete the branch or tag, or use another repository.`,
    });
  }
  return wanted.every((ref) => refs.has(ref));
}

async function record(ctx: StepContext, input: Push, repository: Repository, commit: string): Promise<void> {
  await ctx.resources.created({
    kind: repositoryKind,
    externalId: input.repository,
    url: repository.htmlUrl,
    properties: { id: repository.id, cloneUrl: repository.cloneUrl, commit, branch: input.branch, botBranches: input.botBranches },
  });
}

/** Of the step that created the repository. A row of another run is not this run's to change or to undo by. */
async function rowOfThisRun(ctx: StepContext, input: Push): Promise<LedgerResource | undefined> {
  const standing = await ctx.resources.standing();
  return standing.find(({ kind, externalId, runId }) => kind === repositoryKind && externalId === input.repository && runId === ctx.runId);
}

/**
 * Branch and tag together or not at all. The push looks by itself: what holds this commit already stays as it is, and a ref that
 * holds anything else refuses it. Only then is the repository asked what that is.
 */
async function push(remote: Remote, commit: string, input: Push): Promise<void> {
  const { talk, repository } = remote;
  const refspecs = refsOf(input).map((ref) => `${commit}:${ref}`);
  try {
    // Not for machines (`--porcelain`): then why a ref was refused would not be among the errors.
    await talk({ what: `push to ${repository.fullName}`, write: true }, ['push', '--atomic', repository.cloneUrl, ...refspecs]);
  } catch (error) {
    const isRefused = error instanceof StepError && error.code === 'github_push_raced';
    if (!isRefused || !isPushed(await listRemoteRefs(remote), commit, input, repository)) throw error;
  }
}

function refsOf(input: Push): string[] {
  return [`refs/heads/${input.branch}`, ...(input.tag ? [`refs/tags/${input.tag}`] : [])];
}

function nothingToPush(source: string, why: string): StepError {
  return new StepError('fatal', 'github_nothing_to_push', `Could not push the folder "${source}": ${why}.`, {
    remedy: 'Check that a step before this one renders files there, and the `source` of this step.',
  });
}
