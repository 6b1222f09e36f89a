import { EntityName } from '@slipway/contracts';
import { type CommitGraph, defineStep, nextLookMs, StepError, type StepContext, type StepDefinition, type StepResult } from '@slipway/engine';
import { z } from 'zod';
import { type Application, applicationUrl, findApplication, isAutomated, type Operation, ownerLabel } from './application.js';
import { applicationKind } from './application-kind.js';
import type { ArgocdClient } from './client.js';
import { CommitId } from './commit-id.js';
import { Deadline, isOver } from './deadline.js';
import { operationMark, requestSync } from './request-sync.js';

const Input = z.strictObject({
  name: EntityName,
  /** The commit to deploy. Absent: the newest of what the application follows. */
  revision: CommitId.optional(),
  /** Whether what the repository no longer holds goes. */
  prune: z.boolean().default(true),
  /** For what keeps the operation from beginning: another one, a closed sync window. */
  deadline: Deadline,
  /** Absent: the integration's. */
  project: z.string().min(1).optional(),
});
type Input = z.output<typeof Input>;

const Output = z.object({
  name: z.string(),
  /** The commit that is being deployed: the one asked for, or one that descends from it. */
  revision: z.string(),
  /** When the operation began, by Argo CD's clock: `requestedAt` of `argocd:application:wait`. */
  startedAt: z.string(),
  url: z.string(),
});
type Output = z.output<typeof Output>;

/** Done once the operation has begun. An operation of somebody else that does the same is taken for it; no other is ended. */
export function syncApplication(argocd: ArgocdClient, commits?: CommitGraph): StepDefinition {
  return defineStep({
    id: 'argocd:application:sync',
    description: 'Has Argo CD deploy an application now: the newest commit, or a certain one.',
    input: Input,
    output: Output,
    workspace: 'none',
    foresee: ({ name }) => [
      { effect: 'change', kind: applicationKind, externalId: name, title: `Argo CD application ${name}` },
    ],
    async run(ctx, input) {
      const seen = await requireOurs(argocd, ctx, input);
      if (isFrom(ctx, running(seen) ?? seen.status.operationState?.operation)) return begun(argocd, ctx, input, seen);
      const application = await requireOurs(argocd, ctx, input, { refresh: true });
      const wanted = await wantedCommit(application, ctx, input, commits);
      if ('reason' in wanted) return lookAgain(ctx, input, wanted.reason);
      const operation = running(application);
      if (operation && doesTheSame(operation, application, wanted.commit)) return begun(argocd, ctx, input, application);
      if (operation) return lookAgain(ctx, input, `another operation is running (${describe(operation)}) and is let to end`);
      return ask(argocd, ctx, input, application);
    },
  });
}

async function requireOurs(
  argocd: ArgocdClient,
  ctx: StepContext,
  input: Input,
  options: { refresh?: boolean } = {},
): Promise<Application> {
  const project = input.project ?? argocd.config.project;
  const found = await findApplication(argocd, ctx, input.name, { project, ...options });
  const could = `Could not sync the application ${input.name}`;
  if (!found) {
    throw new StepError('fatal', 'argocd_not_found', `${could}: Argo CD has none in "${project}".`, {
      remedy: 'Check the name and the project, and whether somebody deleted it.',
    });
  }
  if (found.metadata.labels?.[ownerLabel] !== ctx.mark) {
    throw new StepError('fatal', 'argocd_foreign', `${could}: it does not belong to this service.`, {
      remedy: 'Name the application that was created for this service.',
    });
  }
  if (found.metadata.deletionTimestamp !== undefined) {
    throw new StepError('fatal', 'argocd_deleting', `${could}: it is being deleted.`, {
      remedy: 'Create the service anew once the application is gone.',
    });
  }
  return found;
}

/** What the application is at, asked for or under way. */
function running({ operation, status }: Application): Operation | undefined {
  const state = status.operationState;
  return operation ?? (state && state.finishedAt === undefined ? state.operation : undefined);
}

function isFrom(ctx: StepContext, operation: Operation | undefined): boolean {
  return operation?.info?.some(({ name, value }) => name === 'slipway' && value === operationMark(ctx)) ?? false;
}

/** The operation has a time once Argo CD's controller has taken it up. */
function begun(argocd: ArgocdClient, ctx: StepContext, input: Input, application: Application): StepResult<Output> {
  const state = application.status.operationState;
  const revision = state?.syncResult?.revision || state?.operation.sync?.revision;
  if (!state || !revision) return lookAgain(ctx, input, 'Argo CD is about to begin the sync');
  const url = applicationUrl(argocd, input.name, application.metadata.namespace);
  const whose = isFrom(ctx, state.operation) ? '' : ` (${describe(state.operation)})`;
  ctx.log.info(`Argo CD deploys ${revision.slice(0, 7)} to ${input.name}${whose}: ${url}`);
  return { output: { name: input.name, revision, startedAt: state.startedAt, url } };
}

/** What a sync would deploy now; a reason to wait where Argo CD would not deploy what was asked for. */
async function wantedCommit(
  application: Application,
  ctx: StepContext,
  { revision }: Input,
  commits: CommitGraph | undefined,
): Promise<{ commit: string } | { reason: string }> {
  const { source } = application.spec;
  const tip = application.status.sync.revision;
  if (revision !== undefined && (!isAutomated(application) || tip === revision)) return { commit: revision };
  if (!tip) {
    const why = application.status.conditions.map(({ message }) => message).join('; ') || 'nothing is said why';
    return { reason: `Argo CD cannot read the repository: ${why}` };
  }
  if (revision === undefined) return { commit: tip };
  const question = { repositoryUrl: source?.repoURL ?? '', ancestor: revision, commit: tip };
  if (await commits?.descends(ctx, question)) return { commit: tip };
  const follows = `Argo CD follows ${source?.targetRevision ?? 'HEAD'}, now at ${tip.slice(0, 7)}`;
  return { reason: `${follows}, which is not known to hold ${revision.slice(0, 7)}` };
}

/** A whole sync of the commit, not on its way to being ended. */
function doesTheSame({ sync }: Operation, { status }: Application, commit: string): boolean {
  const isWhole = sync !== undefined && !sync.dryRun && (sync.resources ?? []).length === 0;
  return isWhole && sync.revision === commit && status.operationState?.phase !== 'Terminating';
}

async function ask(argocd: ArgocdClient, ctx: StepContext, input: Input, application: Application): Promise<StepResult<Output>> {
  const { name, prune } = input;
  const project = input.project ?? argocd.config.project;
  const revision = isAutomated(application) ? undefined : input.revision;
  try {
    await requestSync(argocd, ctx, { name, project, prune, retries: 5, ...(revision !== undefined && { revision }) });
  } catch (error) {
    if (!(error instanceof StepError)) throw error;
    // Argo CD's own sync was faster: the next look says whether it does the same.
    if (error.code === 'argocd_operation_in_progress') return lookAgain(ctx, input, 'another operation has just begun');
    if (error.code === 'argocd_sync_window') return lookAgain(ctx, input, 'a sync window of the project is closed', error.remedy);
    throw error;
  }
  return lookAgain(ctx, input, 'Argo CD is about to begin the sync');
}

function describe({ initiatedBy, sync }: Operation): string {
  const by = initiatedBy.automated ? 'its own' : `of ${initiatedBy.username ?? 'somebody'}`;
  return `${by}${sync?.revision ? `, to ${sync.revision.slice(0, 7)}` : ''}`;
}

function lookAgain(ctx: StepContext, input: Input, reason: string, remedy?: string): StepResult<Output> {
  if (!isOver(ctx, input.deadline)) return { wait: { afterMs: nextLookMs(ctx), reason } };
  const message = `Could not sync the application ${input.name} within ${input.deadline}: ${reason}.`;
  throw new StepError('fatal', 'argocd_sync_not_begun', message, {
    remedy: remedy ?? 'Look at the application in Argo CD, then retry the run; the deadline is an input of this step.',
  });
}
