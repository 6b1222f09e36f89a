import { mergeFacts, type Told } from './merge-facts.js';
import type { ObservedRepositories, RepositoryKey } from './observed-repositories.js';

export interface RepositoryNews extends Told {
  repository: RepositoryKey;
}

export type Learnt = 'applied' | 'older' | 'unclear' | 'unknown_repository';

const dayMs = 24 * 3_600_000;

/** Brings what the entity shows of its repository up to date. May be repeated, and in any order. */
export async function learnOfRepository(deps: { repositories: ObservedRepositories }, news: RepositoryNews): Promise<Learnt> {
  let learnt: Learnt = 'unknown_repository';
  await deps.repositories.observe(news.repository, (known) => {
    const { facts, changed, unclear } = mergeFacts(known, news);
    learnt = unclear ? 'unclear' : changed ? 'applied' : 'older';
    return { facts, changed, askAfterMs: unclear ? 0 : news.isTruth ? dayMs : null };
  });
  return learnt;
}
