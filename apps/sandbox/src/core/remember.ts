import { LRUCache } from 'lru-cache';

/**
 * Keeps what was answered to each key, for questions whose answer never changes; of more than `most`, the one that nobody
 * asked for longest goes first. Who asks at the same time shares one answer, and a failure is forgotten at once.
 */
export function remembering<T>(most: number): (key: string, ask: () => Promise<T>) => Promise<T> {
  const answers = new LRUCache<string, Promise<T>>({ max: most });
  return (key, ask) => {
    const known = answers.get(key);
    if (known) return known;
    const answer = ask();
    answers.set(key, answer);
    answer.catch(() => {
      if (answers.peek(key) === answer) answers.delete(key);
    });
    return answer;
  };
}
