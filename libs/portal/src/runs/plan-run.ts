import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type PlanView, SlipwayError, isStanding } from '@slipway/contracts';
import type { Evaluator, Secrets } from '@slipway/engine';
import { type ArchiveStore, createWorkspaces, dryRun } from '@slipway/templating';
import type { RequestableAction } from '../actions/action-store.js';
import { knownAction } from '../actions/known-action.js';
import type { EntityReader } from '../catalogue/entity-reader.js';
import { type DescribedRun, describeRequest } from './describe-request.js';
import type { RequestRunCommand, RequestRunDeps } from './request-run.js';
import { newRunId } from './run-id.js';

export interface PlanRunDeps extends RequestRunDeps {
  entities: EntityReader;
  archives: ArchiveStore;
  evaluator: Evaluator;
  /** For looking at what is there already. */
  secrets: Secrets;
}

export interface PlanRunCommand extends Pick<RequestRunCommand, 'principal' | 'action' | 'properties' | 'secrets' | 'entity'> {
  /** Whether files come with their content. */
  content?: boolean;
}

/**
 * What a run would do if it were requested now; stores nothing and changes nothing outside. Refuses what a request would:
 * `not_found`, `invalid_input`, `conflict`; but a name that is taken is found out only by the request itself.
 */
export async function planRun(deps: PlanRunDeps, command: PlanRunCommand): Promise<PlanView> {
  const action = await knownAction(deps.actions, command.action);
  const run = await describeRequest(deps, action, command, newRunId(deps.clock.now()));
  return planOf(deps, action, run, command.content ?? false);
}

/** A plan renders in a thread that may take much memory: so many in one process, and whoever comes then tries again. */
const plansAtOnce = 4;
const patienceMs = 25_000;
let plansNow = 0;

export async function planOf(deps: PlanRunDeps, action: RequestableAction, run: DescribedRun, content: boolean): Promise<PlanView> {
  if (plansNow >= plansAtOnce) throw tryLater(`${plansNow} plans are being worked out already`);
  plansNow += 1;
  const signal = AbortSignal.timeout(patienceMs);
  try {
    return await workOut(deps, action, run, content, signal);
  } catch (error) {
    throw signal.aborted ? tryLater(`the plan took longer than ${patienceMs / 1_000} s`) : error;
  } finally {
    plansNow -= 1;
  }
}

async function workOut(
  deps: PlanRunDeps,
  action: RequestableAction,
  run: DescribedRun,
  content: boolean,
  signal: AbortSignal,
): Promise<PlanView> {
  const { identifier, operation, templateDigest } = action;
  const folder = await mkdtemp(join(tmpdir(), 'slipway-template-'));
  try {
    const opened = await createWorkspaces(deps.archives, folder).open({ id: 'plan', templateDigest, workspaceDigest: null });
    return await dryRun(
      deps,
      {
        template: { identifier, operation, digest: templateDigest },
        ...{ plan: run.plan, inputs: run.inputs, entity: run.entity, requestedBy: run.requestedBy },
        ...{ folder: opened.template, content },
        ...(await presentState(deps, run)),
      },
      signal,
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Of an entity that is yet to be created there is nothing; not even its name is taken before the request. */
async function presentState({ requests, entities }: PlanRunDeps, { operation, entity }: DescribedRun) {
  if (operation === 'CREATE') return { mark: null, standing: [] };
  const [found, resources] = await Promise.all([requests.findEntity(entity), entities.resources(entity)]);
  return { mark: found?.mark ?? null, standing: resources.filter(({ state }) => isStanding(state)) };
}

function tryLater(why: string): SlipwayError {
  return new SlipwayError('unavailable', `There is no plan now: ${why}. Try again shortly.`);
}
