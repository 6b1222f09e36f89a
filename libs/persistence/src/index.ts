export { type Database, openDatabase } from './database.js';
export { type PortalStores, portalStores } from './portal/portal-stores.js';
export { PostgresArchiveStore } from './runs/archive-store.js';
export { type HousekeepingRules, PostgresHousekeeping, type Swept } from './history/housekeeping.js';
export { PostgresOutbox } from './line/outbox.js';
export { PostgresRunStore } from './runs/run-store.js';
