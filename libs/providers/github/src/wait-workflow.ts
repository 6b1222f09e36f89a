import { defineStep, Duration, type StepContext, type StepDefinition, StepError, type StepResult } from '@slipway/engine';
import { z } from 'zod';
import type { GithubClient } from './client.js';
import { fullNameOf, oneRepository, ownerAndRepo, repositoryPlace } from './repository-place.js';
import { listRuns, readRun, type WorkflowRun } from './workflow-runs.js';

const Input = z
  .strictObject({
    ...repositoryPlace,
    runId: z.coerce.number().int().positive().optional(),
    /** The newest run of this workflow, in place of `runId`. */
    workflowId: z.string().regex(/^[\w.-]+$/, 'must be the name of a file').optional(),
    /** Of this commit alone. */
    commit: z.string().regex(/^[0-9a-f]{40}$/, 'must be a commit of 40 digits').optional(),
    within: Duration.prefault('30m'),
  })
  .refine(...oneRepository)
  .refine(({ runId, workflowId }) => (runId === undefined) !== (workflowId === undefined), {
    path: ['runId'],
    message: 'either `runId` or `workflowId` must be given, and not both',
  });
type Input = z.output<typeof Input> & { repository: string };

const Output = z.object({ runId: z.number(), conclusion: z.string(), htmlUrl: z.string(), commit: z.string() });
type Output = z.output<typeof Output>;

const State = z.object({ until: z.number(), looks: z.number() });

/** A webhook wakes the step; should none come, it looks by itself, more and more rarely. */
const firstLookMs = 2_000;
const longestLookMs = 30_000;

export function waitWorkflow(github: GithubClient): StepDefinition {
  return defineStep({
    id: 'github:actions:wait',
    description: 'Waits until a workflow run has ended, and fails unless it ended with success.',
    input: Input,
    output: Output,
    workspace: 'none',
    async run(ctx, given): Promise<StepResult<Output>> {
      const input = { ...given, repository: fullNameOf(github.config, given) };
      const run = await findRun(github, ctx, input);
      if (run?.status === 'completed') return { output: await settle(github, ctx, input, run) };
      return waitOn(ctx, input, run ? `${run.name} of ${input.repository} is ${run.status.replaceAll('_', ' ')}: ${run.htmlUrl}` : notYet(input));
    },
  });
}

async function findRun(github: GithubClient, ctx: StepContext, input: Input): Promise<WorkflowRun | undefined> {
  const { repository, runId, workflowId, commit } = input;
  if (runId !== undefined) return readRun(github, ctx, repository, runId);
  const only = commit === undefined ? {} : { head_sha: commit };
  const runs = await listRuns(github, ctx, { repository, workflowId: workflowId ?? '', ...only }).catch((error: unknown) => {
    // The push that brings the workflow may not have been looked at yet.
    if (error instanceof StepError && error.code === 'github_not_found') return [];
    throw error;
  });
  return runs[0];
}

function notYet({ repository, runId, workflowId, commit }: Input): string {
  if (runId !== undefined) return `${repository} shows no workflow run ${runId} yet`;
  return `${repository} shows no run of ${workflowId}${commit === undefined ? '' : ` for ${commit.slice(0, 7)}`} yet`;
}

function waitOn(ctx: StepContext, input: Input, reason: string): StepResult<Output> {
  const now = ctx.clock.now().getTime();
  const { until, looks } = State.safeParse(ctx.state).data ?? { until: now + input.within, looks: 0 };
  if (now >= until) {
    throw new StepError('fatal', 'github_run_not_ended', `The workflow did not end within its time: ${reason}.`, {
      remedy: 'Look at it on GitHub; once it has ended, retry the run. If this is normal, give the step more time (within).',
    });
  }
  const afterMs = Math.min(longestLookMs, firstLookMs * 2 ** looks, until - now);
  return { wait: { afterMs, reason, signal: `github:workflow_run:${input.repository}`, state: { until, looks: looks + 1 } } };
}

async function settle(github: GithubClient, ctx: StepContext, { repository }: Input, run: WorkflowRun): Promise<Output> {
  const { id, name, conclusion, htmlUrl, commit } = run;
  if (conclusion === 'success') {
    ctx.log.info(`${name} of ${repository} succeeded: ${htmlUrl}`);
    return { runId: id, conclusion, htmlUrl, commit };
  }
  const failed = await failedJob(github, ctx, repository, id);
  throw new StepError('fatal', 'github_run_failed', `${name} of ${repository} ended with ${conclusion ?? 'nothing'}: ${failed ?? htmlUrl}.`, {
    remedy: 'Read its log there. Once it was run again with success, retry the run.',
  });
}

/** `job "build" failed at "Push the image" (link)`; undefined where no job says that it did. */
async function failedJob(github: GithubClient, ctx: StepContext, repository: string, id: number): Promise<string | undefined> {
  const { data } = await github.call(ctx, {
    what: `read the jobs of the workflow run ${id} of ${repository}`,
    ...{ needs: { actions: 'read' }, repository },
    send: (octokit) => octokit.rest.actions.listJobsForWorkflowRun({ ...ownerAndRepo(repository), run_id: id, per_page: 100 }),
  });
  const failed = data.jobs.find((job) => job.status === 'completed' && !['success', 'skipped', 'neutral'].includes(job.conclusion ?? ''));
  if (!failed) return undefined;
  const at = failed.steps?.find((step) => step.conclusion === failed.conclusion);
  return `job "${failed.name}" ended with ${failed.conclusion}${at ? ` at "${at.name}"` : ''} (${failed.html_url})`;
}
