import type { EntityRef } from '@slipway/contracts';
import type { z } from 'zod';
import type { Clock } from './ports/clock.js';
import type { Signal } from './ports/run-store.js';
import type { Secrets } from './ports/secrets.js';

/**
 * The code a step names. `run` may be called again at any time, after a crash too, so it looks before it creates, marks
 * what it creates with `ctx.mark` in the very call that creates it, and adopts only what carries that mark.
 */
export interface StepDefinition<Input = unknown, Output = unknown> {
  /** `provider:thing:verb`, e.g. `github:repo:create`. */
  id: string;
  description: string;
  input: z.ZodType<Input>;
  output: z.ZodType<Output>;
  /** Whether `run` reads or writes the workspace. Writers run alone, and their work is checkpointed. */
  workspace: 'none' | 'read' | 'write';
  /** For a reader: whether this input has it look at `ctx.files`, which are opened only then. Absent: it always does. */
  looksAtFiles?(input: Input): boolean;
  /** What it is given comes to rest with us in clear, as an entity's properties do: a secret in it is refused. */
  keepsInput?: true;
  run(ctx: StepContext, input: Input): Promise<StepResult<Output>>;
  /**
   * For a plan: what a run of it is for, told from its input without a call to anybody. Absent: it makes and changes nothing
   * outside. Where a value is known only once earlier steps have run, the input holds the expression that will give it.
   */
  foresee?(input: Input, about: Foresight): ForeseenEffect[];
}

export interface Foresight {
  entity: EntityRef;
  /** What the entity has standing, in order of creation. */
  standing: readonly Pick<LedgerResource, 'kind' | 'externalId' | 'title'>[];
}

export interface ForeseenEffect extends PlannedResource {
  effect: 'create' | 'change' | 'remove';
}

/** Keeps a definition's input and output types together; what a registry holds is typed loosely and parsed at the edge. */
export function defineStep<Input, Output>(definition: StepDefinition<Input, Output>): StepDefinition {
  return definition;
}

export type StepResult<Output> = { output: Output } | { wait: StepWait };

/** The step is not done and holds no worker meanwhile: `run` is called again after `afterMs`, or when the signal comes. */
export interface StepWait {
  afterMs: number;
  /** What is missing, for the person who watches: `2 of 3 replicas are ready`. */
  reason: string;
  /** A key as agreed with whoever sends it, e.g. `github:push:acme/shop`. */
  signal?: string;
  /** Small, JSON, no secret: handed back as `ctx.state`. */
  state?: unknown;
}

export interface StepContext {
  runId: string;
  stepId: string;
  attempt: number;
  entity: EntityRef;
  /**
   * The owner's mark: the id of the run that created the entity. The same for every run on that entity, another for a
   * later entity of the same name. Fits a Kubernetes label value.
   */
  mark: string;
  /** Aborted on cancel, timeout, or a lost lease: hand it to every call. */
  signal: AbortSignal;
  log: StepLog;
  resources: ResourceLedger;
  secrets: Secrets;
  /** Whether a text holds a value that the run or its process has handled. */
  holdsSecret(this: void, text: string): boolean;
  clock: Clock;
  /** Folders on this machine; present as the definition's `workspace` and `looksAtFiles` ask for them. */
  files: StepFiles;
  /** What the last wait carried. */
  state: unknown;
  /** What came for the signal the last wait named and was not handed over before, oldest first. */
  signals: readonly ReceivedSignal[];
  /** When the first attempt began. */
  startedAt: Date;
  /** When the first step of the run began. A retry of the run does not move it while that step stands. */
  runStartedAt: Date;
}

export type ReceivedSignal = Pick<Signal, 'key' | 'body' | 'at'>;

export interface StepFiles {
  /** The run's working folder. */
  workspace: string;
  /** The template's folder, read-only: `template.yaml` and what lies beside it. */
  template: string;
}

export interface StepLog {
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

export interface ResourceLedger {
  /** Before the call that creates it. Harmless when the row is there already. */
  plan(resource: PlannedResource): Promise<void>;
  /** Once it is known to be there (created now, or found carrying our mark). The entity shows its link from here on. */
  created(resource: Pick<PlannedResource, 'kind' | 'externalId'> & { url?: string; properties?: Record<string, unknown> }): Promise<void>;
  /** What this run's entity still has standing, from every run, in order of creation. */
  standing(): Promise<LedgerResource[]>;
  /** Removes one by its kind, with its row kept in step. Says how it went, or that it takes longer. */
  remove(resource: LedgerResource, options?: Record<string, unknown>): Promise<Removal>;
}

export interface PlannedResource {
  kind: string;
  externalId: string;
  /** For people: `Repository acme/shop`. */
  title: string;
  properties?: Record<string, unknown>;
}

export interface LedgerResource {
  kind: string;
  externalId: string;
  title: string;
  url: string | null;
  properties: Record<string, unknown>;
  state: 'PLANNED' | 'CREATED' | 'REMOVED' | 'KEPT' | 'REMOVE_FAILED';
  runId: string;
  stepId: string;
  /** Depth of its step in the plan that made it, or of what its kind has go first: deeper goes first on the way back. */
  depth: number;
  /** Why the last removal failed, and what a person can do. */
  note: string | null;
  /** Marks it for removal, and says how that is going; null: it is to stay. */
  removal: ResourceRemoval | null;
}

export interface ResourceRemoval {
  /** Tries that failed; nothing is counted while the other side is still at it. */
  attempts: number;
  /** How often it was given up; the pause before the next try doubles with each. */
  givenUp: number;
  /** Until then that nothing is there is not believed: the call that was to make it was broken off. Absent: it is. */
  unsureUntil?: Date;
  /** When the first of these tries began. */
  since: Date;
  /** When the next try is due; null: one is under way, or was when its worker was lost. */
  until: Date | null;
  /** What it waits for. */
  reason: string | null;
}

export function resourceKey(resource: Pick<LedgerResource, 'runId' | 'kind' | 'externalId'>): string {
  return `${resource.runId} ${resource.kind} ${resource.externalId}`;
}

export type Removal =
  | { outcome: 'removed' | 'absent' }
  /** It does not carry our mark: untouched, and no longer ours to remove. */
  | { outcome: 'foreign'; note: string }
  /** Left on purpose, e.g. archived. */
  | { outcome: 'kept'; note: string }
  /** Under way on the other side: ask again after a while. */
  | { outcome: 'pending'; afterMs: number; reason: string };
