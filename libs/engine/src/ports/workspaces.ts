/** Where a run's files lie while a worker has it. A checkpoint lets any other worker go on from there. */
export interface Workspaces {
  /** A folder with what the last checkpoint held (empty when `workspaceDigest` is null) and the template's folder. */
  open(run: { id: string; templateDigest: string; workspaceDigest: string | null }): Promise<OpenWorkspace>;
}

export interface OpenWorkspace {
  workspace: string;
  template: string;
  /**
   * Stores the folder as one content-addressed archive and answers its digest. Throws `StepError` (`secret_in_files`) where
   * it holds what `holdsSecret` knows; null: the run has had no secret in its hands.
   */
  checkpoint(holdsSecret: ((text: string) => boolean) | null): Promise<string>;
  /** Forgets the local copy. */
  close(): Promise<void>;
}
