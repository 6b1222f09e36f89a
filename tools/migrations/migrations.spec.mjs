import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { withConnection } from './connection.mjs';

const run = promisify(execFile);
const tool = path.join(import.meta.dirname, '../prisma-migrate.mjs');

import.meta.jest.setTimeout(60_000);

describe('migrations', () => {
  let folder;
  let database;
  let url;

  beforeEach(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'slipway-migrations-'));
    database = `migrations_${randomBytes(4).toString('hex')}`;
    await onServer((client) => client.query(`CREATE DATABASE ${database}`));
    const own = new URL(process.env.DATABASE_URL);
    own.pathname = `/${database}`;
    url = own.href;
    writeSchema('model Thing {\n  id Int @id\n}');
  });
  afterEach(async () => {
    await onServer((client) => client.query(`DROP DATABASE ${database} WITH (FORCE)`));
    rmSync(folder, { recursive: true });
  });

  function onServer(work, address = process.env.DATABASE_URL) {
    return withConnection(address, work);
  }

  function writeSchema(models) {
    writeFileSync(path.join(folder, 'schema.prisma'), `datasource db {\n  provider = "postgresql"\n}\n\n${models}\n`);
  }

  function writeMigration(name, sql) {
    mkdirSync(path.join(folder, 'migrations', name), { recursive: true });
    writeFileSync(path.join(folder, 'migrations', name, 'migration.sql'), sql);
  }

  /** Answers `{ status, output }`, whatever the status. */
  async function migrate(...args) {
    const env = { ...process.env, DATABASE_URL: url };
    return run(process.execPath, [tool, ...args, '--folder', folder], { env }).then(
      ({ stdout }) => ({ status: 0, output: stdout }),
      ({ code, stdout, stderr }) => ({ status: code, output: stdout + stderr }),
    );
  }

  async function tables() {
    const { rows } = await onServer((client) => client.query("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"), url);
    return rows.map(({ tablename }) => tablename).sort();
  }

  it('are created from the schema, applied once, and then agree with it', async () => {
    expect((await migrate('create', 'initial')).status).toBe(0);
    expect(readdirSync(path.join(folder, 'migrations'))).toEqual([expect.stringMatching(/^\d{14}_initial$/), 'migration_lock.toml']);
    expect((await migrate('deploy')).output).toMatch(/^Applied \d{14}_initial\.$/m);
    expect((await migrate('deploy')).output).toMatch(/^Nothing to apply\.$/m);
    expect(await tables()).toEqual(['Thing', '_prisma_migrations']);
    expect((await migrate('check')).status).toBe(0);
  });

  it('are found wanting when the schema went on', async () => {
    await migrate('create', 'initial');
    writeSchema('model Thing {\n  id Int @id\n  name String\n}');
    const { status, output } = await migrate('check');
    expect(status).toBe(2);
    expect(output).toContain('ADD COLUMN     "name" TEXT NOT NULL');
  });

  it('are applied by one of several processes that start at once', async () => {
    writeMigration('20260101000000_slow', 'SELECT pg_sleep(0.5); CREATE TABLE "Thing" ("id" INTEGER PRIMARY KEY);');
    const results = await Promise.all(Array.from({ length: 4 }, () => migrate('deploy')));
    expect(results.map(({ status }) => status)).toEqual([0, 0, 0, 0]);
    expect(results.filter(({ output }) => output.startsWith('Applied'))).toHaveLength(1);
    const { rows } = await onServer((client) => client.query('SELECT * FROM _prisma_migrations'), url);
    expect(rows).toHaveLength(1);
  });

  it('may hold functions and strings with semicolons', async () => {
    writeMigration('20260101000000_function', `
      CREATE FUNCTION touch() RETURNS text LANGUAGE plpgsql AS $$ BEGIN PERFORM 1; RETURN 'a;b'; END $$;
      CREATE TABLE "Thing" ("id" INTEGER PRIMARY KEY);`);
    expect((await migrate('deploy')).status).toBe(0);
    const { rows } = await onServer((client) => client.query('SELECT touch()'), url);
    expect(rows).toEqual([{ touch: 'a;b' }]);
  });

  it('that fail leave nothing behind, say why, stop what follows, and run again once settled', async () => {
    writeMigration('20260101000000_bad', 'CREATE TABLE "Half" ("id" INTEGER PRIMARY KEY); SELECT nonsense;');
    const first = await migrate('deploy');
    expect(first.status).toBe(1);
    expect(first.output).toContain('P3018');
    expect(first.output).toContain('Migration 20260101000000_bad failed: column "nonsense" does not exist');
    expect(await tables()).toEqual(['_prisma_migrations']);

    const second = await migrate('deploy');
    expect(second.status).toBe(1);
    expect(second.output).toContain('P3009');

    writeMigration('20260101000000_bad', 'CREATE TABLE "Thing" ("id" INTEGER PRIMARY KEY);');
    expect((await migrate('resolve', 'rolled-back', '20260101000000_bad')).status).toBe(0);
    expect((await migrate('deploy')).output).toMatch(/^Applied 20260101000000_bad\.$/m);
  });

  it('say which database cannot be reached, without its password', async () => {
    url = 'postgresql://slipway:hush-hush@127.0.0.1:1/nowhere';
    const { status, output } = await migrate('deploy');
    expect(status).toBe(1);
    expect(output).toContain('P1001');
    expect(output).toContain('127.0.0.1:1/nowhere');
    expect(output).not.toContain('hush-hush');
  });
});
