export * from './announcements.js';
export * from './connection.js';
export * from './relay.js';
export * from './run-queue.js';
export * from './run-worker.js';
