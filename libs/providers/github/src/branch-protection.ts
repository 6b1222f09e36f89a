import { defineStep, type ResourceKind, type StepContext, type StepDefinition, StepError } from '@slipway/engine';
import { z } from 'zod';
import type { CallContext, GithubClient } from './client.js';
import type { Repository } from './find-repository.js';
import { ownedRepository } from './owned-repository.js';
import { RefName } from './push-workspace.js';
import { foreseenName, fullNameOf, oneRepository, ownerAndRepo, repositoryPlace } from './repository-place.js';
import { absentIfNotFound, ensureThing, externalIdOf, kindOfThing, type Thing } from './thing-in-repository.js';
import { waitUntil } from './wait-until.js';

const protectionKind = 'github:branch-protection';

const Actors = z.object({ users: z.array(z.string()).default([]), teams: z.array(z.string()).default([]), apps: z.array(z.string()).default([]) });

/** By the names and with the defaults that Backstage gives these. */
const rules = {
  enforceAdmins: z.boolean().default(true),
  requiredApprovingReviewCount: z.int().min(0).max(6).default(1),
  requireCodeOwnerReviews: z.boolean().default(false),
  dismissStaleReviews: z.boolean().default(false),
  bypassPullRequestAllowances: Actors.optional(),
  restrictions: Actors.optional(),
  requiredStatusCheckContexts: z.array(z.string()).default([]),
  requireBranchesToBeUpToDate: z.boolean().default(true),
  requiredConversationResolution: z.boolean().default(false),
  requireLastPushApproval: z.boolean().default(false),
  requiredCommitSigning: z.boolean().default(false),
  requiredLinearHistory: z.boolean().default(false),
  blockCreations: z.boolean().default(false),
};
type Rules = z.output<z.ZodObject<typeof rules>>;

/** `branch` absent: the default branch. */
const Input = z.object({ ...repositoryPlace, branch: RefName.optional(), ...rules }).refine(...oneRepository);

const Output = z.object({ branch: z.string() });

/** For a branch that was pushed a moment ago and does not show yet. */
const visibleWithinMs = 5_000;

const needs = { administration: 'write' } as const;

export function createBranchProtection(github: GithubClient): StepDefinition {
  return defineStep({
    id: 'github:branch-protection:create',
    description: 'Protects a branch of a repository of this service.',
    input: Input,
    output: Output,
    workspace: 'none',
    foresee: (input) => {
      const { kind, title, ...place } = protectionOf(foreseenName(github.config, input), input.branch ?? 'the default branch');
      return [{ effect: 'create', kind, title, externalId: externalIdOf(place) }];
    },
    async run(ctx, input) {
      const fullName = fullNameOf(github.config, input);
      const repository = await ownedRepository(github, ctx, fullName, 'protect a branch of');
      const branch = input.branch ?? repository.defaultBranch;
      await untilVisible(github, ctx, repository, branch);
      const protect = () => put(github, ctx, { repository: fullName, branch }, input);
      await ensureThing<true>(ctx, repository, protectionOf(fullName, branch), {
        find: () => isProtected(github, ctx, fullName, branch),
        make: protect,
        renew: protect,
        record: () => ({ url: `${repository.htmlUrl}/settings/branches` }),
      });
      return { output: { branch } };
    },
  });
}

export function branchProtectionKindOf(github: GithubClient): ResourceKind {
  return kindOfThing(github, protectionKind, {
    exists: async (ctx, { fullName }, row) => (await isProtected(github, ctx, fullName, String(row.properties['name']))) === true,
    async remove(ctx, { fullName }, row) {
      const branch = String(row.properties['name']);
      const call = { what: `take the protection off ${branch} of ${fullName}`, write: true, needs, repository: fullName };
      const answer = await github
        .call(ctx, { ...call, send: (octokit) => octokit.rest.repos.deleteBranchProtection({ ...ownerAndRepo(fullName), branch }) })
        .catch(absentIfNotFound);
      return answer !== undefined;
    },
  });
}

function protectionOf(repository: string, branch: string): Thing {
  return { kind: protectionKind, name: branch, repository, title: `Protection of ${branch} of ${repository}` };
}

async function untilVisible(github: GithubClient, ctx: StepContext, { fullName, htmlUrl }: Repository, branch: string): Promise<void> {
  const call = { what: `look for the branch ${branch} of ${fullName}`, needs: { contents: 'read' }, repository: fullName } as const;
  const look = () => github.call(ctx, { ...call, send: (octokit) => octokit.rest.repos.getBranch({ ...ownerAndRepo(fullName), branch }) });
  if (await waitUntil(ctx, visibleWithinMs, () => look().catch(absentIfNotFound))) return;
  throw new StepError('fatal', 'github_no_such_branch', `Could not protect ${branch} of ${fullName}: there is no such branch.`, {
    remedy: `Push to ${htmlUrl} first, or name another branch.`,
  });
}

async function isProtected(github: GithubClient, ctx: CallContext, repository: string, branch: string): Promise<true | undefined> {
  const call = { what: `look at the protection of ${branch} of ${repository}`, needs: { administration: 'read' }, repository } as const;
  const answer = await github
    .call(ctx, { ...call, send: (octokit) => octokit.rest.repos.getBranchProtection({ ...ownerAndRepo(repository), branch }) })
    .catch(absentIfNotFound);
  return answer && true;
}

/** Makes it or brings it to what was asked for: GitHub has one call for both, and one for signatures. */
async function put(github: GithubClient, ctx: CallContext, { repository, branch }: { repository: string; branch: string }, asked: Rules): Promise<true> {
  const place = { ...ownerAndRepo(repository), branch };
  const call = { what: `protect ${branch} of ${repository}`, write: true, needs, repository };
  await github.call(ctx, { ...call, send: (octokit) => octokit.rest.repos.updateBranchProtection({ ...place, ...bodyOf(asked) }) });
  if (asked.requiredCommitSigning) await github.call(ctx, { ...call, send: (octokit) => octokit.rest.repos.createCommitSignatureProtection(place) });
  return true;
}

function bodyOf(asked: Rules) {
  return {
    required_status_checks: { strict: asked.requireBranchesToBeUpToDate, contexts: asked.requiredStatusCheckContexts },
    enforce_admins: asked.enforceAdmins,
    required_pull_request_reviews: {
      required_approving_review_count: asked.requiredApprovingReviewCount,
      require_code_owner_reviews: asked.requireCodeOwnerReviews,
      dismiss_stale_reviews: asked.dismissStaleReviews,
      require_last_push_approval: asked.requireLastPushApproval,
      ...(asked.bypassPullRequestAllowances && { bypass_pull_request_allowances: asked.bypassPullRequestAllowances }),
    },
    restrictions: asked.restrictions ?? null,
    required_conversation_resolution: asked.requiredConversationResolution,
    required_linear_history: asked.requiredLinearHistory,
    block_creations: asked.blockCreations,
  };
}
