import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import pg from 'pg';
import { type Database, openDatabase } from '../database.js';

/** A fresh database with every migration applied, by default on the server that `DATABASE_URL` names; `drop` takes it away again. */
export interface TestDatabase extends Database {
  url: string;
  drop(): Promise<void>;
}

export async function createTestDatabase(server = process.env['DATABASE_URL']): Promise<TestDatabase> {
  if (!server) throw new Error('DATABASE_URL is not set: run the tests with `npm test`, or name a PostgreSQL server.');
  const name = `slipway_test_${randomBytes(6).toString('hex')}`;
  await onServer(server, `CREATE DATABASE "${name}"`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  const database = openDatabase(url.href);
  for (const sql of await migrations()) await database.pool.query(sql);
  return {
    ...database,
    url: url.href,
    async drop() {
      await database.close();
      await onServer(server, `DROP DATABASE "${name}" WITH (FORCE)`);
    },
  };
}

async function onServer(url: string, sql: string): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

async function migrations(): Promise<string[]> {
  const folder = path.join(import.meta.dirname, '../../../../prisma/migrations');
  const names = (await readdir(folder, { withFileTypes: true })).filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return Promise.all(names.sort().map((name) => readFile(path.join(folder, name, 'migration.sql'), 'utf8')));
}
