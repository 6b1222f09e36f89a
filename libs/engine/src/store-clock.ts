import type { Clock } from './ports/clock.js';

/** The store's clock as told from here: what one worker writes another one reads, and their own clocks need not agree. */
export function storeClock(clock: Clock, storeNow: Date): Clock {
  const ahead = storeNow.getTime() - clock.now().getTime();
  return { now: () => new Date(clock.now().getTime() + ahead), sleep: (ms, signal) => clock.sleep(ms, signal) };
}
