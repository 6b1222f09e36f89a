import type { Database } from '../database.js';
import { PostgresArchiveStore } from '../runs/archive-store.js';
import { PostgresAccessStore } from './access-store.js';
import { PostgresActionStore } from './action-store.js';
import { PostgresCatalogue } from './catalogue.js';
import { PostgresConfigurationStore } from './configuration-store.js';
import { PostgresDeliveryStore } from './delivery-store.js';
import { PostgresEntityReader } from './entity-reader.js';
import { PostgresObservedRepositories } from './observed-repositories.js';
import { PostgresPauseStore } from './pause-store.js';
import { PostgresRunInbox } from './run-inbox.js';
import { PostgresRunReader } from './run-reader.js';
import { PostgresRunRequestStore } from './run-request-store.js';
import { PostgresTemplateSourceStore } from './template-source-store.js';

export type PortalStores = ReturnType<typeof portalStores>;

/** Portal's ports on one database, under the names its use cases ask for them by. */
export function portalStores({ pool, prisma }: Database) {
  return {
    access: new PostgresAccessStore(prisma),
    configuration: new PostgresConfigurationStore(prisma),
    actions: new PostgresActionStore(pool),
    catalogue: new PostgresCatalogue(pool),
    entities: new PostgresEntityReader(pool),
    runs: new PostgresRunReader(pool),
    requests: new PostgresRunRequestStore(pool),
    inbox: new PostgresRunInbox(pool),
    deliveries: new PostgresDeliveryStore(pool),
    repositories: new PostgresObservedRepositories(pool),
    pauses: new PostgresPauseStore(pool),
    archives: new PostgresArchiveStore(pool),
    sources: new PostgresTemplateSourceStore(pool),
  };
}
