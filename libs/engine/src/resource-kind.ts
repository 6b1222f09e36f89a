import type { Clock } from './ports/clock.js';
import type { Secrets } from './ports/secrets.js';
import type { LedgerResource, Removal, StepLog } from './step-definition.js';

/**
 * How to look at one kind of thing, and how to take it away. Undo, DELETE, drift and adoption all use these two. Both may
 * be called at any time and any number of times; both throw `StepError` when they cannot know.
 */
export interface ResourceKind {
  /** `provider:thing`, e.g. `github:repository`. */
  kind: string;
  /**
   * A right by which others go on making what hangs on the rest (credentials, say): it is removed before all else, however
   * early it was granted, so that nothing is made anew while the rest goes. Absent: in the reverse of creation.
   */
  goesFirst?: boolean;
  observe(ctx: ResourceContext, resource: LedgerResource): Promise<Observation>;
  /** Harmless where nothing exists; leaves alone what does not carry `ctx.mark`. Its outcome and note are logged by who calls it. */
  remove(ctx: ResourceContext, resource: LedgerResource): Promise<Removal>;
}

export interface ResourceContext {
  /** The owner's mark, as in `StepContext`. */
  mark: string;
  signal: AbortSignal;
  log: StepLog;
  secrets: Secrets;
  clock: Clock;
  /** What a DELETE action asks of this kind, e.g. `{ disposition: 'archive' }`; empty on undo. */
  options: Record<string, unknown>;
}

export type Observation = { exists: false } | { exists: true; owned: boolean; detail?: string };
