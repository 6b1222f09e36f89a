import { setImmediate as nextTurn } from 'node:timers/promises';

/** So much shorter than a heartbeat that many who work so at the same time do not hold one up. */
const longestHoldMs = 20;

/**
 * For work that goes on without waiting for anything: files are mostly small, and to read one by way of another thread costs many
 * times as much, but 20,000 of them take seconds, in which the lease of every run here would run out. To be awaited between one piece
 * and the next; once this process has been held for 20 ms, all else of it has its turn.
 */
export function takingTurns(now: () => number = () => performance.now()): () => Promise<void> {
  let heldSince = now();
  return async () => {
    if (now() - heldSince <= longestHoldMs) return;
    await nextTurn();
    heldSince = now();
  };
}
