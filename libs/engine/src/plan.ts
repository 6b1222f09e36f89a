import type { StepRecord } from './ports/run-store.js';

/**
 * What a run will do, as compiled from a template when the run is requested and stored with it: a later change of the
 * template changes no run. Values are as the author wrote them, expressions and all; they are evaluated when due.
 */
export interface Plan {
  steps: PlannedStep[];
  /** What happens to what was made when a step fails. */
  onFailure: 'undo' | 'keep';
  /** For the whole run, in ms from its first start. */
  deadlineMs: number;
  /** What a run that succeeded shows; the engine itself has no use for it. */
  output?: Record<string, unknown>;
  /** What was typed into secret fields of the form, without the values: those are sealed beside the run. */
  secrets?: TypedSecret[];
}

export interface TypedSecret {
  name: string;
  /** As the form calls it. */
  title: string;
  /** JSON Schema of the field, for when it is typed again. */
  schema: Record<string, unknown>;
}

export interface PlannedStep {
  id: string;
  name: string;
  /** The step definition's id, e.g. `github:repo:create`. */
  action: string;
  /** Every step this one waits for, spelt out: stated, implied by order, or implied by a reference. */
  needs: string[];
  /** A boolean or one expression; absent: always. */
  if?: boolean | string;
  /** Also after a failure (`always`), or because of one (`failure`): stated by calling `always()` or `failure()` in `if`. */
  when?: 'always' | 'failure';
  /** A list or object, usually one expression: the step runs once per item, each as a step of its own. */
  each?: unknown;
  input: Record<string, unknown>;
  /** For one attempt. */
  timeoutMs: number;
  /** On errors the provider calls retryable: at most so many attempts, begun within so long of the first. */
  retry: { attempts: number; withinMs: number };
  /** `keep`: this step's failure leaves everything as it is, whatever the plan says. */
  onFailure?: 'keep';
}

/** What is planned for a step as recorded: an item of an `each` does what its parent says, under its own id and name. */
export function plannedStepOf(plan: Plan, { id, parent, each }: Pick<StepRecord, 'id' | 'parent' | 'each'>): PlannedStep | undefined {
  const planned = plan.steps.find((step) => step.id === (parent ?? id));
  if (!planned || parent === null) return planned;
  const one = { ...planned };
  delete one.each;
  return { ...one, id, name: `${planned.name} [${each?.key ?? ''}]` };
}

/** The longest way from a root to each step. What a deeper step made may rest on what a shallower one made. */
export function depths(plan: Plan): Map<string, number> {
  const byId = new Map(plan.steps.map((step) => [step.id, step]));
  const known = new Map<string, number>();
  const depthOf = (id: string): number => {
    const found = known.get(id);
    if (found !== undefined) return found;
    const depth = Math.max(-1, ...(byId.get(id)?.needs ?? []).map(depthOf)) + 1;
    known.set(id, depth);
    return depth;
  };
  for (const step of plan.steps) depthOf(step.id);
  return known;
}
