import { withMigrationLock } from './advisory-lock.mjs';
import { everything, readMigrations, readSchema } from './files.mjs';
import { withSchemaEngine } from './schema-engine.mjs';

/** Applies what the database at `url` has not seen; answers the names. Safe when several processes start at once. */
export async function deployMigrations({ url, folder }) {
  const schema = await readSchema(folder);
  const migrationsList = await readMigrations(folder);
  return withMigrationLock(url, () => withSchemaEngine(url, schema, async (engine) =>
    (await engine.applyMigrations({ migrationsList, filters: everything })).appliedMigrationNames));
}
