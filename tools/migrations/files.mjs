import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

const LOCK_FILE = 'migration_lock.toml';

/** Nothing in the database belongs to anyone but Prisma. */
export const everything = { externalTables: [], externalEnums: [] };

/** The schema as the engine wants it: `[{ path, content }]`. `folder` holds `schema.prisma` and `migrations/`. */
export async function readSchema(folder) {
  const file = path.join(folder, 'schema.prisma');
  return [{ path: file, content: await readFile(file, 'utf8') }];
}

/** The migrations in their order, as the engine wants them. */
export async function readMigrations(folder) {
  const baseDir = path.join(folder, 'migrations');
  const entries = existsSync(baseDir) ? await readdir(baseDir, { withFileTypes: true }) : [];
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name).sort();
  return {
    baseDir,
    lockfile: { path: LOCK_FILE, content: await readOptional(path.join(baseDir, LOCK_FILE)) },
    shadowDbInitScript: '',
    migrationDirectories: await Promise.all(names.map(async (name) => ({
      path: name,
      migrationFile: {
        path: 'migration.sql',
        content: { tag: 'ok', value: await readFile(path.join(baseDir, name, 'migration.sql'), 'utf8') },
      },
    }))),
  };
}

async function readOptional(file) {
  return existsSync(file) ? readFile(file, 'utf8') : null;
}
