import { type RunView, SlipwayError } from '@slipway/contracts';
import { type PlanRunDeps, planOf } from './plan-run.js';
import { type RequestRunCommand, requestRun } from './request-run.js';

/**
 * As `requestRun`, but only the very plan that somebody has seen: `plan_changed` where it would differ by now, because the
 * template, the inputs or what is there outside are no longer the same.
 */
export function requestPlannedRun(deps: PlanRunDeps, command: RequestRunCommand & { planHash: string }): Promise<RunView> {
  return requestRun(deps, command, async (action, run) => {
    const { hash } = await planOf(deps, action, run, false);
    if (hash === command.planHash) return;
    throw new SlipwayError(
      'plan_changed',
      `The plan ${command.planHash.slice(0, 12)}… is no longer what would happen: the template, the inputs or what is there already have changed since. Ask for the plan again, see what it says now, and request that.`,
    );
  });
}
