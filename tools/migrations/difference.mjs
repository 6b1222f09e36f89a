import { everything, readMigrations, readSchema } from './files.mjs';
import { withSchemaEngine } from './schema-engine.mjs';
import { withThrowawayDatabase } from './throwaway-database.mjs';

/** What `diff` answers where it was asked for an exit code and found a difference. */
const DIFFERENT = 2;

/**
 * What is missing between the migrations and `schema.prisma`: SQL, or undefined where they agree. All migrations are
 * played into a throw-away database, so this also proves that they apply to an empty one.
 */
export async function migrationsToSchema({ url, folder }) {
  const files = await readSchema(folder);
  const migrationsList = await readMigrations(folder);
  return withThrowawayDatabase(url, (throwaway) => withSchemaEngine(throwaway, files, async (engine) => {
    await engine.applyMigrations({ migrationsList, filters: everything });
    const { exitCode, stdout } = await engine.diff({
      from: { tag: 'schemaDatasource', files, configDir: folder },
      to: { tag: 'schemaDatamodel', files },
      script: true,
      exitCode: true,
      filters: everything,
      shadowDatabaseUrl: null,
    });
    return exitCode === DIFFERENT ? stdout : undefined;
  }));
}
