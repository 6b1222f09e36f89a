import type { PlanStepView, PlannedEffect } from '@slipway/contracts';
import { type LedgerResource, type ResourceContext, systemClock } from '@slipway/engine';
import type { DryRunDeps, DryRunRequest } from './dry-run.js';

const patienceMs = 10_000;
/** Nothing carries it, so whatever is found belongs to somebody else. */
const markOfNobody = 'r_00000000000000000000';

/**
 * Asks each system whether what a step would create is there already, by the kind's own `observe`. Where a system does not
 * answer, the effect stays as foreseen.
 */
export async function lookAtEffects(
  deps: DryRunDeps,
  request: DryRunRequest,
  steps: readonly PlanStepView[],
  signal: AbortSignal,
): Promise<void> {
  const { secrets } = deps;
  if (!secrets) return;
  const mark = request.mark ?? markOfNobody;
  const context: ResourceContext = {
    ...{ mark, secrets, clock: systemClock, options: {} },
    signal: AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]),
    log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
  };
  const creations = steps.flatMap((step) => step.effects.filter(({ effect }) => effect === 'create').map((effect) => ({ step, effect })));
  await Promise.all(creations.map(({ step, effect }) => look(deps, context, step.id, effect)));
}

async function look({ registry }: DryRunDeps, context: ResourceContext, stepId: string, effect: PlannedEffect): Promise<void> {
  const kind = registry.kind(effect.kind);
  if (!kind || effect.externalId === null) return;
  try {
    const seen = await kind.observe(context, asLedgerRow(effect, effect.externalId, stepId));
    effect.looked = true;
    if (seen.exists) effect.effect = seen.owned ? 'adopt' : 'conflict';
  } catch {
    // A plan is no health check: that nobody looked is in the answer.
  }
}

function asLedgerRow({ kind, title }: PlannedEffect, externalId: string, stepId: string): LedgerResource {
  const row = { kind, externalId, title, url: null, properties: {}, runId: 'plan', stepId, depth: 0, note: null, removal: null };
  return { ...row, state: 'PLANNED' };
}

function quiet(): void {
  // There is no run whose history this could be.
}
