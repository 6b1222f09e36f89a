/** Evaluates the expressions in a step's `if`, `each` and `input` when they are due. */
export interface Evaluator {
  /** Deep: strings with expressions are evaluated, a lone expression keeps its type. Throws `StepError` naming the expression. */
  evaluate(value: unknown, scope: Scope): unknown;
  /** Deep: the names of the secrets that expressions in it speak of, the environment's as `environment.NAME`; `all` where one speaks of them as a whole. */
  secretsIn(value: unknown): ReadonlySet<string> | 'all';
}

export interface Scope {
  parameters: Record<string, unknown>;
  steps: Record<string, { output: unknown }>;
  user: { ref: string };
  /**
   * What was typed into secret fields, by name, and the environment's secrets as `environment.NAME`; absent: there is none. `withheld`, for what is stored or shown: a text that
   * speaks of one stays as it was written.
   */
  secrets?: Record<string, string> | 'withheld';
  /** The item a step runs for; absent outside an `each`. */
  each?: { key: string | number; value: unknown };
  /** Whether a step of this run has failed: what `failure()` answers. */
  failed: boolean;
  context: { task: { id: string }; entity: { blueprint: string; identifier: string } };
}
