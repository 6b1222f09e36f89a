import { MemoryRateLimiter } from './memory-rate-limiter.js';
import { systemClock } from './system-clock.js';
import { exerciseRateLimiter } from './testing/exercise-rate-limiter.js';

describe('the rate limiter in memory', () => exerciseRateLimiter(() => new MemoryRateLimiter(systemClock)));
