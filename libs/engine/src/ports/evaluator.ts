/** Evaluates the expressions in a step's `if`, `each` and `input` when they are due. */
export interface Evaluator {
  /** Deep: strings with expressions are evaluated, a lone expression keeps its type. Throws `StepError` naming the expression. */
  evaluate(value: unknown, scope: Scope): unknown;
}

export interface Scope {
  parameters: Record<string, unknown>;
  steps: Record<string, { output: unknown }>;
  user: { ref: string };
  /** The item a step runs for; absent outside an `each`. */
  each?: { key: string | number; value: unknown };
  /** Whether a step of this run has failed: what `failure()` answers. */
  failed: boolean;
  context: { task: { id: string }; entity: { blueprint: string; identifier: string } };
}
