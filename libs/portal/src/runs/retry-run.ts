import type { RunView } from '@slipway/contracts';
import { type Sealer, sealTypedSecrets } from '@slipway/engine';
import { checkTypedAgain } from '@slipway/templating';
import { refuseIssues } from './check-inputs.js';
import { type DemandCommand, type DemandDeps, demandOf } from './demand-of-run.js';
import { visibleRun } from './visible-run.js';

export interface RetryRunDeps extends DemandDeps {
  sealer: Pick<Sealer, 'seal'>;
}

export interface RetryRunCommand extends DemandCommand {
  /** Those that are needed again, or that were wrong. */
  secrets?: Record<string, unknown>;
}

/**
 * Goes on from the failed step; steps that were undone count as not done. `secrets_needed` names what has to be typed again,
 * `invalid_input` what breaks its rule. Answers with the run as it is before a worker acts on it; `conflict` when it makes no
 * sense now.
 */
export async function retryRun(deps: RetryRunDeps, { secrets = {}, ...command }: RetryRunCommand): Promise<RunView> {
  const run = await visibleRun(deps.runs, command.principal, command.runId);
  return demandOf(deps, run, 'retry', await typedAgain(deps, run.id, secrets));
}

async function typedAgain({ runs, sealer }: RetryRunDeps, runId: string, given: Record<string, unknown>): Promise<Record<string, string>> {
  if (Object.keys(given).length === 0) return {};
  const { secrets, issues } = checkTypedAgain(await runs.typedSecrets(runId), given);
  refuseIssues(issues);
  return sealTypedSecrets(sealer, runId, secrets);
}
