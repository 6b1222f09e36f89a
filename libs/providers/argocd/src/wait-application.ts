import { EntityName } from '@slipway/contracts';
import { defineStep, StepError, type StepContext, type StepDefinition, type StepResult } from '@slipway/engine';
import { z } from 'zod';
import { applicationUrl, findApplication, type Application } from './application.js';
import type { ArgocdClient } from './client.js';
import { assessReadiness, type Readiness } from './readiness.js';
import { unhealthyResources } from './unhealthy-resources.js';

const Input = z.object({
  name: EntityName,
  /** The commit that must run, whole. */
  revision: z.string().regex(/^[0-9a-f]{40}$/, 'must be a whole commit id'),
  /** Since the step began, as `90s`, `10m` or `1h`. */
  deadline: z
    .string()
    .regex(/^[1-9]\d{0,4}[smh]$/, 'must be a number with s, m or h')
    .default('10m'),
  /** RFC 3339, by Argo CD's clock: a sync that ended before does not count. */
  requestedAt: z.iso.datetime().optional(),
  /** Absent: the integration's. */
  project: z.string().min(1).optional(),
});
type Input = z.output<typeof Input>;

const Output = z.object({ name: z.string(), revision: z.string(), url: z.string() });
type Output = z.output<typeof Output>;

/** Between two calls of this step. */
const State = z.object({
  /** When Argo CD compared and all was well: one more comparison must say the same. */
  confirmedAt: z.string().optional(),
  /** The failed operation after which we asked for one more. */
  resyncedAfter: z.string().optional(),
});
type State = z.output<typeof State>;

export function waitApplication(argocd: ArgocdClient): StepDefinition {
  return defineStep({
    id: 'argocd:application:wait',
    description: 'Waits until an application is synced and healthy at a commit.',
    input: Input,
    output: Output,
    workspace: 'none',
    async run(ctx, input) {
      const state = State.parse(ctx.state ?? {});
      const application = await look(argocd, ctx, input, state);
      const readiness = assessReadiness(application, wantedOf(input));
      if (readiness.state === 'ready' && isSecondLook(readiness, state)) {
        const url = applicationUrl(argocd, input.name, application.metadata.namespace);
        ctx.log.info(`The application ${input.name} is synced and healthy at ${input.revision.slice(0, 7)}: ${url}`);
        return { output: { name: input.name, revision: input.revision, url } };
      }
      await assertTimeIsLeft(argocd, ctx, input, application, readiness);
      return goOn(argocd, ctx, input, state, readiness);
    },
  });
}

/** A comparison is asked for where one is what is missing; otherwise what Argo CD last saw will do. */
async function look(argocd: ArgocdClient, ctx: StepContext, input: Input, state: State): Promise<Application> {
  const project = input.project ?? argocd.config.project;
  const seen = await findApplication(argocd, ctx, input.name, { project, refresh: state.confirmedAt !== undefined });
  if (!seen) {
    throw new StepError(
      'fatal',
      'argocd_not_found',
      `Could not wait for the application ${input.name}: Argo CD has none in "${project}".`,
      {
        remedy: 'Check the name and the project, and whether somebody deleted it.',
      },
    );
  }
  const isBehind = seen.status.sync.revision !== input.revision && !seen.operation && state.confirmedAt === undefined;
  return isBehind ? ((await findApplication(argocd, ctx, input.name, { project, refresh: true })) ?? seen) : seen;
}

function wantedOf(input: Input): { revision: string; requestedAt?: string } {
  return { revision: input.revision, ...(input.requestedAt !== undefined && { requestedAt: input.requestedAt }) };
}

function isSecondLook(readiness: Readiness & { state: 'ready' }, state: State): boolean {
  return state.confirmedAt !== undefined && Date.parse(readiness.reconciledAt) > Date.parse(state.confirmedAt);
}

async function goOn(
  argocd: ArgocdClient,
  ctx: StepContext,
  input: Input,
  state: State,
  readiness: Readiness,
): Promise<StepResult<Output>> {
  const { resyncedAfter } = state;
  const kept: State = resyncedAfter === undefined ? {} : { resyncedAfter };
  switch (readiness.state) {
    case 'ready': {
      const confirmedAt = state.confirmedAt ?? readiness.reconciledAt;
      return { wait: { afterMs: pauseMs(ctx), reason: 'healthy; Argo CD compares once more', state: { ...kept, confirmedAt } } };
    }
    case 'waiting':
      return { wait: { afterMs: pauseMs(ctx), reason: readiness.reason, state: kept } };
    case 'failed': {
      if (resyncedAfter !== undefined && resyncedAfter !== readiness.operation) throw syncFailed(input, readiness.message);
      if (resyncedAfter === undefined) await syncAgain(argocd, ctx, input, readiness.message);
      const reason = `the sync failed and is tried once more (${readiness.message})`;
      return { wait: { afterMs: pauseMs(ctx), reason, state: { resyncedAfter: readiness.operation } } };
    }
  }
}

/** Argo CD never syncs a revision by itself again once its retries are spent, self-healing or not (argoproj/argo-cd#18442). */
async function syncAgain(argocd: ArgocdClient, ctx: StepContext, input: Input, message: string): Promise<void> {
  ctx.log.warn(`The sync of ${input.name} failed (${message}); asking Argo CD for one more.`);
  try {
    await argocd.call(ctx, {
      what: `sync the application ${input.name}`,
      method: 'POST',
      path: `/applications/${encodeURIComponent(input.name)}/sync`,
      // Without a revision: Argo CD refuses any but the one that it follows.
      body: { name: input.name, prune: true, project: input.project ?? argocd.config.project },
      answer: z.object({}),
    });
  } catch (error) {
    if (error instanceof StepError && error.code === 'argocd_operation_in_progress') return;
    throw error;
  }
}

async function assertTimeIsLeft(
  argocd: ArgocdClient,
  ctx: StepContext,
  input: Input,
  application: Application,
  readiness: Readiness,
): Promise<void> {
  if (elapsedMs(ctx) <= milliseconds(input.deadline)) return;
  const reason =
    readiness.state === 'waiting'
      ? readiness.reason
      : readiness.state === 'failed'
        ? readiness.message
        : 'one comparison is missing';
  const more = await unhealthyResources(argocd, ctx, input, application);
  const url = applicationUrl(argocd, input.name, application.metadata.namespace);
  throw new StepError(
    'fatal',
    'argocd_not_healthy',
    `The application ${input.name} is not synced and healthy after ${input.deadline}: ${reason}${more}.`,
    {
      remedy: `Look at ${url} for events and logs of what is not healthy; the deadline is an input of this step.`,
    },
  );
}

function syncFailed(input: Input, message: string): StepError {
  return new StepError('fatal', 'argocd_sync_failed', `Argo CD could not sync the application ${input.name}: ${message}.`, {
    remedy: 'Correct the manifests in the repository, or what the cluster refuses, then retry the run.',
  });
}

function elapsedMs(ctx: StepContext): number {
  return ctx.clock.now().getTime() - ctx.startedAt.getTime();
}

/** Most applications are well within a minute; a slow one needs no look each second. */
function pauseMs(ctx: StepContext): number {
  return elapsedMs(ctx) < 60_000 ? 1_000 : 5_000;
}

const units: Record<string, number> = { s: 1_000, m: 60_000, h: 3_600_000 };

function milliseconds(duration: string): number {
  return Number(duration.slice(0, -1)) * (units[duration.slice(-1)] ?? 0);
}
