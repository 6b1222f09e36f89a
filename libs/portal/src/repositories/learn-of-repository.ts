import type { RepositoryFacts } from '@slipway/contracts';
import { mergeFacts, type Told } from './merge-facts.js';
import type { Observed, ObservedRepositories, RepositoryKey } from './observed-repositories.js';

export interface RepositoryNews extends Told {
  repository: RepositoryKey;
}

export type Learnt = 'applied' | 'older' | 'unclear';

const dayMs = 24 * 3_600_000;

/** Brings what entities show of their repositories up to date. May be repeated, and in any order; answers what came of those whose repository an entity holds. */
export async function learnOfRepositories(
  deps: { repositories: ObservedRepositories },
  news: readonly RepositoryNews[],
): Promise<ReadonlyMap<RepositoryNews, Learnt>> {
  const ofEach = [...Map.groupBy(news, ({ repository: { kind, id, fullName } }) => `${kind} ${id} ${fullName}`).values()];
  const repositories = ofEach.flatMap(([first]) => first?.repository ?? []);
  const learnt = new Map<RepositoryNews, Learnt>();
  await deps.repositories.observe(repositories, (known, index) => learnFrom(ofEach[index] ?? [], known, learnt));
  return learnt;
}

/** Of one repository; notes in `learnt` what came of each. */
function learnFrom(news: readonly RepositoryNews[], known: RepositoryFacts, learnt: Map<RepositoryNews, Learnt>): Observed {
  let facts = known;
  let changed = false;
  let askAfterMs = news.some(({ isTruth }) => isTruth) ? dayMs : null;
  for (const one of news) {
    const merged = mergeFacts(facts, one);
    facts = merged.facts;
    changed ||= merged.changed;
    if (merged.unclear) askAfterMs = 0;
    learnt.set(one, merged.unclear ? 'unclear' : merged.changed ? 'applied' : 'older');
  }
  return { facts, changed, askAfterMs };
}
