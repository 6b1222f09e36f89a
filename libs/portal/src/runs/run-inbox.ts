import type { EntityStatus, RunStatus } from '@slipway/contracts';

/** Tells a run something. Only the lease's holder changes the run itself. */
export interface RunInbox {
  /**
   * In one transaction: looks whether `demand` makes sense now, appends it, and has a worker look at the run. The same
   * demand lying there unread is enough and answers `accepted` too. With a retry, `sealedSecrets` take the place of what is
   * kept under the same names.
   */
  demand(runId: string, demand: RunDemand, sealedSecrets?: Record<string, string>): Promise<DemandOutcome>;
}

export type RunDemand = 'cancel' | 'undo' | 'retry';

export type DemandOutcome =
  | { outcome: 'accepted' }
  /** The run's own state forbids it. */
  | { outcome: 'wrong_state'; status: RunStatus }
  /** The opposite was asked for, and no worker has read it yet. */
  | { outcome: 'opposite_asked'; demand: RunDemand }
  | { outcome: 'nothing_standing'; status: RunStatus }
  /** These were wiped, and the retry did not bring them. */
  | { outcome: 'secrets_needed'; names: string[] }
  /** The entity's name belongs to another run by now, or nobody's. */
  | { outcome: 'entity_moved_on' }
  /** A DAY-2 run cannot go on with it as it is. */
  | { outcome: 'entity_not_ready'; status: EntityStatus }
  /** Another run works on the entity. */
  | { outcome: 'entity_busy'; runId: string; action: string };
