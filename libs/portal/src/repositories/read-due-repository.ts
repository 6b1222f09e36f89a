import { learnOfRepositories, type RepositoryNews } from './learn-of-repository.js';
import type { DueRepository, ObservedRepositories } from './observed-repositories.js';

/** Asks the system that holds the repositories. */
export interface RepositoryTruth {
  /** In the ledger. */
  kind: string;
  read(repository: DueRepository, signal: AbortSignal): Promise<RepositoryNews>;
}

/** Reads the truth of one repository of which it is due; false: there was none. What cannot be read now is due again later. */
export async function readDueRepository(
  deps: { repositories: ObservedRepositories; truth: RepositoryTruth },
  signal: AbortSignal,
): Promise<boolean> {
  const due = await deps.repositories.takeDue(deps.truth.kind);
  if (!due) return false;
  const told = await deps.truth.read(due, signal);
  await learnOfRepositories(deps, [{ ...told, isTruth: true, knownRelease: due.knownRelease }]);
  return true;
}
