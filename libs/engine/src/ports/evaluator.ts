/** Evaluates the expressions in a step's `if` and `input` when they are due. */
export interface Evaluator {
  /** Deep: strings with expressions are evaluated, a lone expression keeps its type. Throws `StepError` naming the expression. */
  evaluate(value: unknown, scope: Scope): unknown;
}

export interface Scope {
  parameters: Record<string, unknown>;
  steps: Record<string, { output: unknown }>;
  user: { ref: string };
  context: { task: { id: string }; entity: { blueprint: string; identifier: string } };
}
