import { mergeFacts, type Told } from './merge-facts.js';
import type { ObservedRepositories, RepositoryKey } from './observed-repositories.js';

export interface RepositoryNews extends Told {
  repository: RepositoryKey;
}

export type Learnt = 'applied' | 'older' | 'unclear' | 'unknown_repository';

const dayMs = 24 * 3_600_000;

/** Brings what the entity shows of its repository up to date. May be repeated, and in any order; answers for each what came of it. */
export async function learnOfRepository(
  deps: { repositories: ObservedRepositories },
  repository: RepositoryKey,
  told: readonly Told[],
): Promise<Learnt[]> {
  let learnt = told.map((): Learnt => 'unknown_repository');
  await deps.repositories.observe(repository, (known) => {
    let facts = known;
    let changed = false;
    learnt = told.map((one) => {
      const merged = mergeFacts(facts, one);
      facts = merged.facts;
      changed ||= merged.changed;
      return merged.unclear ? 'unclear' : merged.changed ? 'applied' : 'older';
    });
    const askAfterMs = learnt.includes('unclear') ? 0 : told.some(({ isTruth }) => isTruth) ? dayMs : null;
    return { facts, changed, askAfterMs };
  });
  return learnt;
}
