import { defineStep, type LedgerResource, type PlannedResource, type ResourceKind, type StepDefinition, StepError } from '@slipway/engine';
import { z } from 'zod';
import type { CallContext, GithubClient } from './client.js';
import { findRepository, type Repository } from './find-repository.js';
import { findIssue } from './issues.js';
import { existingRepository } from './owned-repository.js';
import { foreseenName, fullNameOf, oneRepository, ownerAndRepo, repositoryPlace } from './repository-place.js';
import { absentIfNotFound, keptAsArchived } from './thing-in-repository.js';

const labelKind = 'github:issue-label';

const Input = z
  .object({
    ...repositoryPlace,
    /** Of an issue or a pull request. */
    number: z.union([z.int().positive(), z.string().regex(/^[1-9]\d*$/, 'must be the number of an issue').transform(Number)]),
    labels: z.array(z.string().min(1).max(50)).min(1),
  })
  .refine(...oneRepository);

/** All that the issue has then. */
const Output = z.object({ labels: z.array(z.string()) });

interface Place {
  /** owner/name */
  repository: string;
  number: number;
}

/**
 * A label has no place for a mark: ours are those that were not there when the row was written. GitHub makes a label that the repository
 * does not know; that one stays in its list.
 */
export function labelIssue(github: GithubClient): StepDefinition {
  return defineStep({
    id: 'github:issues:label',
    description: 'Adds labels to an issue or a pull request.',
    input: Input,
    output: Output,
    workspace: 'none',
    foresee: (input) => {
      const place = { repository: foreseenName(github.config, input), number: input.number };
      // One expression may stand for all of them.
      return [input.labels].flat().map((label) => ({ effect: 'create', ...labelOf(place, label) }));
    },
    async run(ctx, input) {
      const { fullName: repository } = await existingRepository(github, ctx, fullNameOf(github.config, input), 'label an issue of');
      const place = { repository, number: input.number };
      const before = await labelsOf(github, ctx, place);
      if (!before) throw noIssue(place);
      const planned = new Set((await ctx.resources.standing()).filter(({ kind }) => kind === labelKind).map(({ externalId }) => externalId));
      const ours = input.labels.map((label) => labelOf(place, label)).filter(({ externalId, properties }) => planned.has(externalId) || !includes(before, properties.label));
      for (const resource of ours) await ctx.resources.plan(resource);
      const missing = input.labels.filter((label) => !includes(before, label));
      const labels = missing.length > 0 ? await add(github, ctx, place, missing) : before;
      for (const { kind, externalId } of ours) await ctx.resources.created({ kind, externalId });
      ctx.log.info(`${repository}#${place.number} has the labels ${labels.join(', ')}.`);
      return { output: { labels } };
    },
  });
}

export function issueLabelKindOf(github: GithubClient): ResourceKind {
  /** The repository, where the label is there. */
  const holderOf = async (ctx: CallContext, row: LedgerResource): Promise<Repository | undefined> => {
    const { label, ...place } = placeOf(row);
    const found = await findRepository(github, ctx, place.repository);
    return found && includes((await labelsOf(github, ctx, place)) ?? [], label) ? found : undefined;
  };
  return {
    kind: labelKind,
    observe: async (ctx, row) => ((await holderOf(ctx, row)) ? { exists: true, owned: true } : { exists: false }),
    async remove(ctx, row) {
      const holder = await holderOf(ctx, row);
      if (!holder) return { outcome: 'absent' };
      if (holder.archived) return keptAsArchived(holder);
      const { label, repository, number } = placeOf(row);
      const call = { what: `take the label ${label} off ${repository}#${number}`, write: true, needs: { issues: 'write' }, repository } as const;
      const answer = await github
        .call(ctx, { ...call, send: (octokit) => octokit.rest.issues.removeLabel({ ...ownerAndRepo(repository), issue_number: number, name: label }) })
        .catch(absentIfNotFound);
      return { outcome: answer ? 'removed' : 'absent' };
    },
  };
}

function labelOf({ repository, number }: Place, label: string): PlannedResource & { properties: { repository: string; number: number; label: string } } {
  const title = `Label ${label} of ${repository}#${number}`;
  return { kind: labelKind, externalId: `${repository}#${number} ${label.toLowerCase()}`, title, properties: { repository, number, label } };
}

function placeOf({ properties }: LedgerResource): Place & { label: string } {
  return { repository: String(properties['repository']), number: Number(properties['number']), label: String(properties['label']) };
}

async function labelsOf(github: GithubClient, ctx: CallContext, { repository, number }: Place): Promise<string[] | undefined> {
  return (await findIssue(github, ctx, repository, number))?.labels;
}

async function add(github: GithubClient, ctx: CallContext, { repository, number }: Place, labels: string[]): Promise<string[]> {
  const { data } = await github.call(ctx, {
    what: `label ${repository}#${number}`,
    ...{ write: true, needs: { issues: 'write' }, repository },
    send: (octokit) => octokit.rest.issues.addLabels({ ...ownerAndRepo(repository), issue_number: number, labels }),
  });
  return data.map(({ name }) => name);
}

/** GitHub tells labels apart by more than case. */
function includes(labels: readonly string[], label: string): boolean {
  return labels.some((one) => one.toLowerCase() === label.toLowerCase());
}

function noIssue({ repository, number }: Place): StepError {
  return new StepError('fatal', 'github_not_found', `Could not label ${repository}#${number}: there is no such issue or pull request.`, {
    remedy: 'Give its number, such as steps.ID.output.issueNumber or steps.ID.output.pullRequestNumber.',
  });
}
