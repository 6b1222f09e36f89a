export { RedisAnnouncements, RedisAnnouncer } from './announcements.js';
export { openRedis } from './connection.js';
export { guardAgainstEviction } from './eviction-policy.js';
export { RedisRateLimiter } from './rate-limiter.js';
export { Relay } from './relay.js';
export { BullRunQueue } from './run-queue.js';
export { RunWorker } from './run-worker.js';
