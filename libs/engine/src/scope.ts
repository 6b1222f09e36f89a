import type { Scope } from './ports/evaluator.js';
import type { RunRecord, StepRecord } from './ports/run-store.js';
import type { RunSession } from './run-session.js';

/** What the expressions of a step, or of one of its items, may speak of, for all to see. */
export function scopeOf({ ledger, typed }: RunSession, { each }: Pick<StepRecord, 'each'>): Scope {
  const secrets = typed.areThere ? { secrets: 'withheld' as const } : {};
  return { ...scopeOfRun(ledger.run, [...ledger.steps.values()]), ...secrets, ...(each ? { each } : {}) };
}

/** What an expression of the whole run may speak of. */
export function scopeOfRun(
  run: Pick<RunRecord, 'id' | 'inputs' | 'requestedBy' | 'entity'>,
  steps: readonly Pick<StepRecord, 'id' | 'parent' | 'status' | 'output'>[],
): Scope {
  const outputs = steps.filter(({ status, parent }) => status === 'SUCCEEDED' && parent === null).map(({ id, output }) => [id, { output }]);
  return {
    parameters: run.inputs,
    steps: Object.fromEntries(outputs) as Scope['steps'],
    user: { ref: run.requestedBy },
    failed: steps.some((step) => step.status === 'FAILED'),
    context: { task: { id: run.id }, entity: run.entity },
  };
}

/** What a condition that gave this value says, as Backstage has it; but the text `false`, from a form, says no. */
export function isTrue(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : Boolean(value) && value !== 'false';
}
