export { type Database, openDatabase } from './database.js';
export { PostgresCatalogue } from './portal/catalogue.js';
export { type PortalStores, portalStores } from './portal/portal-stores.js';
export { PostgresArchiveStore } from './runs/archive-store.js';
export { PostgresHousekeeping } from './history/housekeeping.js';
export { PostgresOutbox } from './line/outbox.js';
export { PostgresRunStore } from './runs/run-store.js';
