import { EntityName } from '@slipway/contracts';
import { type CommitGraph, defineStep, nextLookMs, StepError, type StepContext, type StepDefinition, type StepResult } from '@slipway/engine';
import { z } from 'zod';
import { applicationUrl, findApplication, type Application } from './application.js';
import type { ArgocdClient } from './client.js';
import { CommitId } from './commit-id.js';
import { Deadline, isOver } from './deadline.js';
import { assessReadiness, type Readiness } from './readiness.js';
import { requestSync } from './request-sync.js';
import { otherThanImage, PinnedImage } from './running-image.js';
import { unhealthyResources } from './unhealthy-resources.js';

const Input = z.object({
  name: EntityName,
  /** The commit that must run, or one that descends from it. */
  revision: CommitId,
  deadline: Deadline,
  /** The image that its pods must run, where it is known: `ghcr.io/acme/shop@sha256:…`. */
  image: PinnedImage.optional(),
  /** RFC 3339, by Argo CD's clock: a sync that began before does not count. `startedAt` of `argocd:application:sync`. */
  requestedAt: z.iso.datetime().optional(),
  /** Absent: the integration's. */
  project: z.string().min(1).optional(),
});
type Input = z.output<typeof Input>;

const Output = z.object({
  name: z.string(),
  /** What runs: the commit asked for, or one that descends from it. */
  revision: z.string(),
  url: z.string(),
});
type Output = z.output<typeof Output>;

/** Between two calls of this step. */
const State = z.object({
  /** All was well when Argo CD compared after this operation: one more comparison must say the same of the same one. */
  confirmed: z.object({ operation: z.string(), reconciledAt: z.string() }).optional(),
  /** When we last had Argo CD look for newer commits, by our clock. */
  refreshedAt: z.string().optional(),
  /** The operation after which we asked for one more. */
  resyncedAfter: z.string().optional(),
  /** Commits of which we know whether they descend from the one that must run, and why not. */
  descendants: z.array(z.string()).default([]),
  others: z.record(z.string(), z.string()).default({}),
});
type State = z.output<typeof State>;

export function waitApplication(argocd: ArgocdClient, commits?: CommitGraph): StepDefinition {
  return defineStep({
    id: 'argocd:application:wait',
    description: 'Waits until an application is synced and healthy at a commit.',
    input: Input,
    output: Output,
    workspace: 'none',
    async run(ctx, input) {
      const before = State.parse(ctx.state ?? {});
      const { application, refreshedAt } = await look(argocd, ctx, input, before);
      const state = await learnDescent(application, ctx, input, { ...before, refreshedAt }, commits);
      const readiness = await withImage(argocd, ctx, input, assessReadiness(application, wantedOf(input, state)));
      if (readiness.state === 'ready' && isSecondLook(readiness, state)) {
        const url = applicationUrl(argocd, input.name, application.metadata.namespace);
        ctx.log.info(`The application ${input.name} is synced and healthy at ${readiness.revision.slice(0, 7)}: ${url}`);
        return { output: { name: input.name, revision: readiness.revision, url } };
      }
      if (isOver(ctx, input.deadline)) throw await tooLate(argocd, ctx, input, application, describeMissing(readiness, state));
      return goOn(argocd, ctx, input, state, application, readiness);
    },
  });
}

interface Look {
  application: Application;
  refreshedAt: string | undefined;
}

/** Each refresh has Argo CD ask the repository's host, so it is not had at every look. */
const refreshEveryMs = 10_000;

/** A comparison is asked for where one is what is missing; otherwise what Argo CD last saw will do. */
async function look(argocd: ArgocdClient, ctx: StepContext, input: Input, state: State): Promise<Look> {
  const project = input.project ?? argocd.config.project;
  const find = (refresh: boolean) => findApplication(argocd, ctx, input.name, { project, refresh });
  const isConfirming = state.confirmed !== undefined;
  const seen = await find(isConfirming);
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
  const isBehind = !isAt(seen.status.sync.revision, input, state) && !seen.operation && !isConfirming;
  const now = ctx.clock.now();
  const isDue = state.refreshedAt === undefined || now.getTime() - Date.parse(state.refreshedAt) >= refreshEveryMs;
  if (!isBehind || !isDue) return { application: seen, refreshedAt: state.refreshedAt };
  return { application: (await find(true)) ?? seen, refreshedAt: now.toISOString() };
}

function isAt(revision: string | undefined, input: Input, { descendants }: State): boolean {
  return revision === input.revision || (revision !== undefined && descendants.includes(revision));
}

/** Asked of the repository's host, once for each commit: nothing that Argo CD says tells which commit came first. */
async function learnDescent(
  application: Application,
  ctx: StepContext,
  input: Input,
  state: State,
  commits: CommitGraph | undefined,
): Promise<State> {
  const readiness = assessReadiness(application, wantedOf(input, state));
  if (readiness.state !== 'elsewhere' || state.others[readiness.revision] !== undefined) return state;
  const { revision } = readiness;
  const question = { repositoryUrl: application.spec.source?.repoURL ?? '', ancestor: input.revision, commit: revision };
  const descends = await commits?.descends(ctx, question);
  if (descends) return { ...state, descendants: [...state.descendants, revision] };
  const why = descends === false ? 'which does not descend from' : 'and nobody here can tell whether that descends from';
  return { ...state, others: { ...state.others, [revision]: `${why} ${input.revision.slice(0, 7)}` } };
}

function wantedOf({ revision, requestedAt }: Input, { descendants }: State) {
  return { revision, descendants, ...(requestedAt !== undefined && { requestedAt }) };
}

/** Not before all else is well: until then pods of the commit before may still be there. */
async function withImage(argocd: ArgocdClient, ctx: StepContext, input: Input, readiness: Readiness): Promise<Readiness> {
  if (readiness.state !== 'ready' || input.image === undefined) return readiness;
  const { name, project = argocd.config.project } = input;
  const reason = await otherThanImage(argocd, ctx, { name, project }, input.image);
  return reason === undefined ? readiness : { state: 'waiting', reason };
}

/** Of the same operation: whatever was synced meanwhile begins the looks anew. */
function isSecondLook({ operation, reconciledAt }: Readiness & { state: 'ready' }, { confirmed }: State): boolean {
  return confirmed?.operation === operation && Date.parse(reconciledAt) > Date.parse(confirmed.reconciledAt);
}

async function goOn(
  argocd: ArgocdClient,
  ctx: StepContext,
  input: Input,
  state: State,
  application: Application,
  readiness: Readiness,
): Promise<StepResult<Output>> {
  const { confirmed, ...kept } = state;
  const reason = describeMissing(readiness, state);
  switch (readiness.state) {
    case 'ready': {
      const { operation, reconciledAt } = readiness;
      return waitFor(ctx, reason, { ...kept, confirmed: confirmed?.operation === operation ? confirmed : { operation, reconciledAt } });
    }
    case 'waiting':
      return waitFor(ctx, reason, kept);
    case 'elsewhere': {
      // Where the new commit changes nothing that is deployed, Argo CD sees no reason to sync it.
      const { sync } = application.status;
      if (sync.status !== 'Synced' || !isAt(sync.revision, input, state)) return waitFor(ctx, reason, kept);
      const said = `${input.name} needs no change for ${sync.revision?.slice(0, 7)}`;
      return resync(argocd, ctx, input, kept, { after: readiness.revision, said, reason });
    }
    case 'failed': {
      if (kept.resyncedAfter !== undefined && kept.resyncedAfter !== readiness.operation) throw syncFailed(input, readiness.message);
      const said = `The sync of ${input.name} failed (${readiness.message})`;
      return resync(argocd, ctx, input, kept, { after: readiness.operation, said, reason });
    }
  }
}

function waitFor(ctx: StepContext, reason: string, state: State): StepResult<Output> {
  return { wait: { afterMs: nextLookMs(ctx), reason, state } };
}

/**
 * Asks for one more sync, once after each such operation. Argo CD never syncs a revision by itself again once its retries are
 * spent, self-healing or not (argoproj/argo-cd#18442).
 */
async function resync(
  argocd: ArgocdClient,
  ctx: StepContext,
  input: Input,
  state: State,
  { after, said, reason }: { after: string; said: string; reason: string },
): Promise<StepResult<Output>> {
  if (state.resyncedAfter === after) return waitFor(ctx, reason, state);
  ctx.log.warn(`${said}; asking Argo CD for one more.`);
  try {
    await requestSync(argocd, ctx, { name: input.name, project: input.project ?? argocd.config.project, prune: true, retries: 0 });
  } catch (error) {
    if (!(error instanceof StepError) || error.code !== 'argocd_operation_in_progress') throw error;
  }
  return waitFor(ctx, reason, { ...state, resyncedAfter: after });
}

/** For the person who watches. */
function describeMissing(readiness: Readiness, state: State): string {
  switch (readiness.state) {
    case 'ready':
      return 'healthy; Argo CD compares once more';
    case 'waiting':
      return readiness.reason;
    case 'elsewhere':
      return `${readiness.reason}, ${state.others[readiness.revision]}`;
    case 'failed':
      return `the sync failed and is tried once more (${readiness.message})`;
  }
}

async function tooLate(
  argocd: ArgocdClient,
  ctx: StepContext,
  input: Input,
  application: Application,
  reason: string,
): Promise<StepError> {
  const more = await unhealthyResources(argocd, ctx, input, application);
  const url = applicationUrl(argocd, input.name, application.metadata.namespace);
  return new StepError(
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
