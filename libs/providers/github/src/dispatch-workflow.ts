import { defineStep, type StepContext, type StepDefinition, StepError } from '@slipway/engine';
import { z } from 'zod';
import type { GithubClient } from './client.js';
import { existingRepository } from './owned-repository.js';
import { foreseenName, fullNameOf, oneRepository, ownerAndRepo, repositoryPlace } from './repository-place.js';
import { waitUntil } from './wait-until.js';
import { listRuns, type WorkflowRun } from './workflow-runs.js';

const Input = z
  .object({
    ...repositoryPlace,
    /** Its file name, `deploy.yaml`, or its id. */
    workflowId: z.union([z.string().regex(/^[\w.-]+$/, 'must be the name of a file'), z.int().positive().transform(String)]),
    branchOrTagName: z.string().min(1).max(255),
    /** GitHub takes 25. */
    workflowInputs: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]).transform(String)).default({}),
    /** An input that the workflow shows in its `run-name`: filled with a name of ours, by which its run is found again for certain. */
    correlationInput: z.string().regex(/^[A-Za-z_][\w-]*$/).optional(),
  })
  .refine(...oneRepository);
type Input = z.output<typeof Input> & { repository: string };

const Output = z.object({ runId: z.number(), htmlUrl: z.string() });
type Output = z.output<typeof Output>;

/** The newest run before ours, and the attempt that was the first to start one. */
const Intent = z.object({ after: z.number(), attempt: z.number() });
type Intent = z.output<typeof Intent>;

const shownWithinMs = 30_000;

/**
 * A run that was started cannot be marked, unless the workflow plays along. So what was there before is remembered first, and an
 * attempt that follows one whose outcome is unknown looks for what has come since.
 */
export function dispatchWorkflow(github: GithubClient): StepDefinition {
  return defineStep({
    id: 'github:actions:dispatch',
    description: 'Starts a workflow and answers which run it became.',
    input: Input,
    output: Output,
    workspace: 'none',
    foresee: (input) => {
      const fullName = foreseenName(github.config, input);
      return [{ effect: 'change', kind: 'github:workflow-run', externalId: `${fullName} ${input.workflowId}`, title: `A run of ${input.workflowId} of ${fullName}` }];
    },
    async run(ctx, given) {
      const input = { ...given, repository: fullNameOf(github.config, given) };
      const intent = Intent.safeParse(ctx.state).data;
      if (!intent) {
        await existingRepository(github, ctx, input.repository, `start ${input.workflowId} of`);
        const shown = await findShown(github, ctx, input);
        if (shown) return { output: outputOf(shown) };
        const [newest] = await listRuns(github, ctx, { ...input, event: 'workflow_dispatch' });
        const state: Intent = { after: newest?.id ?? 0, attempt: ctx.attempt };
        return { wait: { afterMs: 0, reason: `${input.workflowId} of ${input.repository} is about to be started.`, state } };
      }
      const before = intent.attempt === ctx.attempt ? undefined : await findStarted(github, ctx, input, intent);
      const output = before ? outputOf(before) : await start(github, ctx, input, intent);
      ctx.log.info(`${before ? 'Found' : 'Started'} ${output.htmlUrl}.`);
      return { output };
    },
  });
}

function outputOf({ id, htmlUrl }: WorkflowRun): Output {
  return { runId: id, htmlUrl };
}

function correlationOf(ctx: StepContext): string {
  return `${ctx.runId}/${ctx.stepId}`;
}

async function findShown(github: GithubClient, ctx: StepContext, input: Input): Promise<WorkflowRun | undefined> {
  if (input.correlationInput === undefined) return undefined;
  const runs = await listRuns(github, ctx, { ...input, event: 'workflow_dispatch' });
  return runs.find(({ title }) => title.includes(correlationOf(ctx)));
}

/** Waits a little: what was started a moment ago may not show yet. */
async function findStarted(github: GithubClient, ctx: StepContext, input: Input, { after }: Intent): Promise<WorkflowRun | undefined> {
  if (input.correlationInput !== undefined) return waitUntil(ctx, shownWithinMs / 3, () => findShown(github, ctx, input));
  const since = await waitUntil(ctx, shownWithinMs / 3, async () => {
    const runs = await listRuns(github, ctx, { ...input, event: 'workflow_dispatch' });
    const newer = runs.filter(({ id, branch }) => id > after && branch === input.branchOrTagName.replace(/^refs\/(heads|tags)\//, ''));
    return newer.length > 0 ? newer : undefined;
  });
  if (since && since.length > 1) throw unclear(input, since);
  return since?.[0];
}

async function start(github: GithubClient, ctx: StepContext, input: Input, intent: Intent): Promise<Output> {
  const details = await dispatch(github, ctx, input, true).catch((error: unknown) => {
    // A server that is older than this: it starts the run all the same, and does not say which it is.
    if (error instanceof StepError && error.code === 'github_rejected' && error.message.includes('return_run_details')) return dispatch(github, ctx, input, false);
    throw error;
  });
  if (details) return details;
  const started = await waitUntil(ctx, shownWithinMs, () => findStarted(github, ctx, input, intent));
  if (started) return outputOf(started);
  throw new StepError('fatal', 'github_run_not_shown', `GitHub took the request to start ${input.workflowId} of ${input.repository}, and shows no run of it.`, {
    remedy: 'Look at the Actions of the repository, and retry the run where none is there.',
  });
}

/** Undefined where GitHub does not say which run it became. */
async function dispatch(github: GithubClient, ctx: StepContext, input: Input, details: boolean): Promise<Output | undefined> {
  const { workflowId, branchOrTagName: ref, workflowInputs, correlationInput } = input;
  const inputs = { ...workflowInputs, ...(correlationInput !== undefined && { [correlationInput]: correlationOf(ctx) }) };
  const { data } = await github.call(ctx, {
    what: `start ${workflowId} of ${input.repository}`,
    ...{ write: true, needs: { actions: 'write' }, repository: input.repository },
    send: (octokit) =>
      octokit.request('POST /repos/{owner}/{repo}/actions/workflows/{workflow_id}/dispatches', {
        ...ownerAndRepo(input.repository),
        ...{ workflow_id: workflowId, ref, inputs },
        ...(details && { return_run_details: true }),
      }),
  });
  const told = z.object({ workflow_run_id: z.coerce.number(), html_url: z.string() }).safeParse(data).data;
  return told && { runId: told.workflow_run_id, htmlUrl: told.html_url };
}

function unclear({ workflowId, repository }: Input, runs: WorkflowRun[]): StepError {
  const links = runs.map(({ htmlUrl }) => htmlUrl).join(', ');
  return new StepError('fatal', 'github_dispatch_unclear', `The answer to starting ${workflowId} of ${repository} was lost, and several runs have begun since: ${links}.`, {
    remedy: 'Retry the run to start another one. With correlationInput, ours would be found for certain.',
  });
}
