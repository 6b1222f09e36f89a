import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Failure } from '../setup/failure.mjs';
import { migrationsToSchema } from './difference.mjs';

const LOCK_FILE_CONTENT = '# Written by Prisma Migrate: the kind of database these migrations are for.\nprovider = "postgresql"\n';

/** Writes the migration that brings the others to `schema.prisma`; answers its folder, or undefined where nothing is missing. */
export async function createMigration({ url, folder, name }) {
  if (!/^[a-z][a-z0-9_]*$/.test(name ?? '')) {
    throw new Failure('MIGRATION_NAME', `${JSON.stringify(name ?? '')} is no name for a migration.`, {
      advice: 'Use small letters, digits and underscores: `node tools/prisma-migrate.mjs create add_run_labels`.',
    });
  }
  const sql = await migrationsToSchema({ url, folder });
  if (sql === undefined) return undefined;
  const timestamp = new Date().toISOString().replace(/\D/g, '').slice(0, 14);
  const migration = path.join(folder, 'migrations', `${timestamp}_${name}`);
  await mkdir(migration, { recursive: true });
  await writeFile(path.join(migration, 'migration.sql'), sql);
  await writeFile(path.join(folder, 'migrations/migration_lock.toml'), LOCK_FILE_CONTENT);
  return migration;
}
