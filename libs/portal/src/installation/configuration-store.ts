import type { ActionRecord } from '../actions/action-store.js';
import type { ClientRecord, UserRecord } from '../access/access-store.js';

/** Puts an installation's configuration in place. */
export interface ConfigurationStore {
  secretHash(clientId: string): Promise<string | null>;
  /** All of it and nothing else, in one transaction; safe when several processes start at once. Blueprints stay: entities hold them. */
  install(configuration: InstalledConfiguration): Promise<void>;
}

export interface InstalledConfiguration {
  clients: ClientRecord[];
  users: UserRecord[];
  blueprints: BlueprintRecord[];
  /** Each with its template's archive. */
  actions: (ActionRecord & { archive: Uint8Array })[];
}

export interface BlueprintRecord {
  identifier: string;
  title: string;
  /** JSON Schema of the entities' properties. */
  schema: Record<string, unknown>;
}
