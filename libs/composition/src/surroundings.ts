import { MemoryRateLimiter, type RateLimiter, systemClock } from '@slipway/engine';
import { type Catalogue, memoryCatalogue } from '@slipway/portal';

/** What the processes of an installation have in common, and so cannot make each for itself. */
export interface Surroundings {
  /** Paces what is asked of systems that limit a credential. */
  limiter: RateLimiter;
  catalogue: Catalogue;
}

/** For a process that is all there is: a command, a test. */
export function inMemory(): Surroundings {
  return { limiter: new MemoryRateLimiter(systemClock), catalogue: memoryCatalogue() };
}
