/** Where archives rest, under the digest of their bytes: templates from a request on, and every run's checkpoints. */
export interface ArchiveStore {
  /** Storing the same digest again is harmless. */
  put(digest: string, bytes: Uint8Array): Promise<void>;
  get(digest: string): Promise<Uint8Array | null>;
}
