import { z } from 'zod';
import { EntityRef, Failure, Operation } from './run.js';

/**
 * What a run would do, worked out without doing it. What only earlier steps can tell (their outputs) and what nobody may
 * see (secrets) stands in it as the expression that will give it: `${{ steps.repository.output.cloneUrl }}`.
 */

/** One thing outside, and what would become of it. */
export const PlannedEffect = z.object({
  /**
   * `adopt`: it is there and is the entity's own. `conflict`: it is there and is somebody else's, so the step would fail.
   * `create` and `change` without `looked` say what the step is for; nobody has looked yet.
   */
  effect: z.enum(['create', 'adopt', 'change', 'remove', 'conflict']),
  kind: z.string(),
  /** Null: only known once earlier steps have run. */
  externalId: z.string().nullable(),
  title: z.string(),
  /** Whether the other system was asked what is there. */
  looked: z.boolean(),
});
export type PlannedEffect = z.infer<typeof PlannedEffect>;

export const PlanStepView = z.object({
  id: z.string(),
  name: z.string(),
  action: z.string(),
  needs: z.array(z.string()),
  /** `later`: its `if` looks at what earlier steps will have said. `on-failure`: only once another step has failed. */
  decision: z.enum(['run', 'skip', 'later', 'on-failure']),
  /** How often an `each` repeats it, and the input of each; null: that depends on earlier steps. Absent: no `each`. */
  items: z.array(z.record(z.string(), z.unknown())).nullable().optional(),
  input: z.record(z.string(), z.unknown()),
  effects: z.array(PlannedEffect),
  /** Why it would fail, as far as that can be known. */
  failure: Failure.nullable(),
});
export type PlanStepView = z.infer<typeof PlanStepView>;

/** A file of the workspace as the steps that render would leave it. */
export const PlannedFile = z.object({
  path: z.string(),
  /** As `ls` counts it: `644`, `755`; `link` of a symbolic link. */
  mode: z.string(),
  size: z.int(),
  /** SHA-256, in hex. */
  digest: z.string(),
  /** On request, of text that is not too long. */
  content: z.string().optional(),
});
export type PlannedFile = z.infer<typeof PlannedFile>;

export const PlanView = z.object({
  /** SHA-256 over all that follows but the files' contents: name it in the request, and another plan is refused. */
  hash: z.string(),
  action: z.string(),
  operation: Operation,
  entity: EntityRef,
  templateDigest: z.string(),
  inputs: z.record(z.string(), z.unknown()),
  steps: z.array(PlanStepView),
  /** Who waits for whom, without what follows from the rest. */
  graph: z.array(z.object({ from: z.string(), to: z.string() })),
  files: z.array(PlannedFile),
});
export type PlanView = z.infer<typeof PlanView>;

/** The body of `POST /v1/actions/{action}/plan`: that of a request, and whether files come with their content. */
export const RequestPlanBody = z.object({
  properties: z.record(z.string(), z.unknown()).default({}),
  secrets: z.record(z.string(), z.unknown()).default({}),
  entity: z.string().optional(),
  content: z.boolean().default(false),
});
export type RequestPlanBody = z.infer<typeof RequestPlanBody>;
