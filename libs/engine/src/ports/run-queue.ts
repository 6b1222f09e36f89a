/** Says that a run wants a worker. Lost, doubled and late jobs are harmless: PostgreSQL knows what is due. */
export interface RunQueue {
  enqueue(runId: string, delayMs?: number): Promise<void>;
}

/** Says that a run's history has grown. Readers look for themselves; a lost announcement costs a second. */
export interface Announcer {
  /** `urgent`: the run has ended, and whoever follows it waits for just that. */
  announce(runId: string, urgent?: boolean): void;
}
