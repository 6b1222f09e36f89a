import { withMigrationLock } from './advisory-lock.mjs';
import { readMigrations, readSchema } from './files.mjs';
import { withSchemaEngine } from './schema-engine.mjs';

/** Tells the database how a failed migration was settled by hand: `how` is `rolled-back` (it will run again) or `applied`. */
export async function resolveMigration({ url, folder, how, name }) {
  const schema = await readSchema(folder);
  const migrationsList = await readMigrations(folder);
  await withMigrationLock(url, () => withSchemaEngine(url, schema, async (engine) => {
    if (how === 'applied') await engine.markMigrationApplied({ migrationName: name, migrationsList });
    else await engine.markMigrationRolledBack({ migrationName: name });
  }));
}
