/** Hears that a run's history has grown. One may get lost: readers look every second anyway. */
export interface Announcements {
  subscribe(runId: string, listener: () => void): () => void;
}
