import { defineStep, type LedgerResource, type ResourceContext, type ResourceKind, type StepContext, type StepDefinition } from '@slipway/engine';
import { z } from 'zod';
import type { GithubClient } from './client.js';
import { findRepository } from './find-repository.js';
import { closeIssue, findIssue, findOpenIssue, type Issue, openIssue } from './issues.js';
import { existingRepository } from './owned-repository.js';
import { foreseenName, fullNameOf, oneRepository, repositoryPlace } from './repository-place.js';
import { keptAsArchived } from './thing-in-repository.js';

const issueKind = 'github:issue';

const Input = z
  .object({
    ...repositoryPlace,
    title: z.string().min(1).max(256),
    /** GitHub takes 65 536 characters; the last line is ours. */
    body: z.string().max(65_000).default(''),
    assignees: z.array(z.string().min(1)).optional(),
    /** Its number. */
    milestone: z.union([z.string(), z.number()]).optional(),
    labels: z.array(z.string().min(1)).optional(),
  })
  .refine(...oneRepository);

/** As Backstage calls them. */
const Output = z.object({ issueUrl: z.string(), issueNumber: z.number() });

/**
 * Anybody's repository that we may see: an issue has a place for a mark of its own, the last line of its body, which says by which
 * step of which run it was opened. So two steps may open two of one title. GitHub deletes no issue: the way back closes it.
 */
export function createIssue(github: GithubClient): StepDefinition {
  return defineStep({
    id: 'github:issues:create',
    description: 'Opens an issue.',
    input: Input,
    output: Output,
    workspace: 'none',
    foresee: (input) => {
      const repository = foreseenName(github.config, input);
      return [{ effect: 'create', kind: issueKind, externalId: `${repository} ${input.title}`, title: titleOf(repository, input.title) }];
    },
    async run(ctx, input) {
      const { title, body, assignees, milestone, labels } = input;
      const { fullName: repository } = await existingRepository(github, ctx, fullNameOf(github.config, input), 'open an issue in');
      const signature = signatureOf(ctx);
      const resource = { kind: issueKind, externalId: `${repository} ${ctx.runId}/${ctx.stepId}` };
      const planned = (await ctx.resources.standing()).some(({ kind, externalId }) => kind === resource.kind && externalId === resource.externalId);
      // The row comes before the call, so only where it is there can the issue be.
      const before = planned ? await findOpenIssue(github, ctx, repository, signature) : undefined;
      await ctx.resources.plan({ ...resource, title: titleOf(repository, title), properties: { repository, signature } });
      const text = { title, body: `${body}\n\n${signature}`.trim() };
      const issue = before ?? (await openIssue(github, ctx, repository, { ...text, assignees, milestone, labels }));
      await ctx.resources.created({ ...resource, url: issue.htmlUrl, properties: { number: issue.number } });
      ctx.log.info(`${before ? 'Found' : 'Opened'} ${issue.htmlUrl}.`);
      return { output: { issueUrl: issue.htmlUrl, issueNumber: issue.number } };
    },
  });
}

/** Closed is gone. */
export function issueKindOf(github: GithubClient): ResourceKind {
  const openOf = async (ctx: ResourceContext, { properties }: LedgerResource): Promise<Issue | undefined> => {
    const [repository, signature, number] = [String(properties['repository']), String(properties['signature']), properties['number']];
    const found = typeof number === 'number' ? await findIssue(github, ctx, repository, number) : await findOpenIssue(github, ctx, repository, signature);
    return found?.state === 'open' ? found : undefined;
  };
  const repositoryOf = (ctx: ResourceContext, { properties }: LedgerResource) => findRepository(github, ctx, String(properties['repository']));
  return {
    kind: issueKind,
    async observe(ctx, row) {
      const issue = (await repositoryOf(ctx, row)) && (await openOf(ctx, row));
      if (!issue) return { exists: false };
      return { exists: true, owned: isOurs(issue, row), detail: issue.htmlUrl };
    },
    async remove(ctx, row) {
      const repository = await repositoryOf(ctx, row);
      const issue = repository && (await openOf(ctx, row));
      if (!issue) return { outcome: 'absent' };
      if (!isOurs(issue, row)) return { outcome: 'foreign', note: `${issue.htmlUrl} does not end as we ended it: left as it is.` };
      if (repository.archived) return keptAsArchived(repository);
      await closeIssue(github, ctx, repository.fullName, issue.number);
      return { outcome: 'removed' };
    },
  };
}

/** A comment in Markdown: who reads the issue does not see it. */
function signatureOf({ mark, runId, stepId }: StepContext): string {
  return `<!-- slipway:${mark} ${runId}/${stepId} -->`;
}

function isOurs({ body }: Issue, { properties }: LedgerResource): boolean {
  return body.includes(String(properties['signature']));
}

function titleOf(repository: string, title: string): string {
  return `Issue "${title}" of ${repository}`;
}
