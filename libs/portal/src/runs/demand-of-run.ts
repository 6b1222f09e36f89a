import { type Principal, type RunView, SlipwayError } from '@slipway/contracts';
import { neededAgain } from '@slipway/templating';
import type { DemandOutcome, RunDemand, RunInbox } from './run-inbox.js';
import type { RunReader } from './run-reader.js';
import { visibleRun } from './visible-run.js';

export interface DemandDeps {
  runs: RunReader;
  inbox: RunInbox;
  /** Tells the relay that the outbox has something; best effort, since the relay looks by itself too. */
  kick(): void;
  /** Tells the worker that holds the run to read its inbox now; best effort, since it reads it every other second. */
  ring(runId: string): void;
}

export interface DemandCommand {
  principal: Principal;
  runId: string;
}

/** What cancel, undo and retry have in common: the run must be visible, and `conflict` says why the demand makes no sense now. */
export async function demandOfRun(deps: DemandDeps, command: DemandCommand, demand: RunDemand): Promise<RunView> {
  return demandOf(deps, await visibleRun(deps.runs, command.principal, command.runId), demand);
}

/** The same of a run that the caller has been shown; a retry may bring secrets. */
export async function demandOf(deps: DemandDeps, run: RunView, demand: RunDemand, sealedSecrets?: Record<string, string>): Promise<RunView> {
  const outcome = await deps.inbox.demand(run.id, demand, sealedSecrets);
  if (outcome.outcome === 'secrets_needed') throw secretsNeeded(run, outcome.names);
  if (outcome.outcome !== 'accepted') throw new SlipwayError('conflict', refusal(run, demand, outcome));
  deps.ring(run.id);
  deps.kick();
  return run;
}

function secretsNeeded(run: RunView, names: string[]): SlipwayError {
  const needed = run.secrets.filter(({ name }) => names.includes(name));
  const titles = needed.map(({ title }) => title).join(', ');
  const message = `Run ${run.id} can be retried only with its secrets, and they were wiped after it ended: type ${titles} again.`;
  return new SlipwayError('secrets_needed', message, needed.map(neededAgain));
}

function refusal(run: RunView, demand: RunDemand, outcome: Exclude<DemandOutcome, { outcome: 'accepted' | 'secrets_needed' }>): string {
  const entity = `${run.entity.blueprint} "${run.entity.identifier}"`;
  switch (outcome.outcome) {
    case 'wrong_state':
      return `Run ${run.id} is ${outcome.status}: ${possibleWhen[demand]}.`;
    case 'opposite_asked':
      return `Run ${run.id} has been asked to ${outcome.demand} already: wait until that has ended, then ask again.`;
    case 'nothing_standing':
      return `Run ${run.id} is ${outcome.status} and has nothing left to undo.`;
    case 'entity_moved_on':
      return `Run ${run.id} cannot go on: the ${entity} it worked on is gone, or has been made anew since. Request a new run.`;
    case 'entity_not_ready':
      return `Run ${run.id} cannot go on: the ${entity} is ${outcome.status}, and only a ready one can be changed.`;
    case 'entity_busy':
      return `Run ${outcome.runId} (${outcome.action}) is working on the ${entity}: wait until it has ended, or cancel it.`;
  }
}

const possibleWhen: Record<RunDemand, string> = {
  cancel: 'only a run that has not ended and is not being undone can be cancelled',
  undo: 'only a run that failed or was cancelled can be undone',
  retry: 'only a run that failed or was cancelled can be retried',
};
