import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import pg from 'pg';
import type { Product } from './start-product.js';

/** Everything the product keeps or has said, as text to search, by where it lies. */
export async function everythingStored(product: Product): Promise<Map<string, string>> {
  const places = new Map<string, string>();
  for (const [table, text] of await tables(product.demo.databaseUrl)) places.set(`table ${table}`, text);
  for (const [file, text] of await filesBelow(path.join(product.home, 'redis'))) places.set(`redis ${file}`, text);
  for (const [file, text] of await filesBelow(path.join(product.home, 'logs'))) places.set(`log ${file}`, text);
  return places;
}

/** Every table, row by row. */
export async function tables(databaseUrl: string): Promise<Array<[string, string]>> {
  const client = new pg.Client(databaseUrl);
  await client.connect();
  try {
    const { rows } = await client.query<{ name: string }>(`SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'`);
    return await Promise.all(rows.map(async ({ name }): Promise<[string, string]> => [name, await tableText(client, name)]));
  } finally {
    await client.end();
  }
}

/** Rows as PostgreSQL prints them; archives and webhook bodies opened, since a search sees through neither hex nor gzip. */
async function tableText(client: pg.Client, name: string): Promise<string> {
  const { rows } = await client.query<Record<string, unknown>>(`SELECT * FROM "${name}"`);
  return rows.map((row) => Object.values(row).map(valueText).join('\t')).join('\n');
}

function valueText(value: unknown): string {
  if (!Buffer.isBuffer(value)) return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  const gzip = value[0] === 0x1f && value[1] === 0x8b;
  return (gzip ? gunzipSync(value) : value).toString('latin1');
}

async function filesBelow(folder: string): Promise<Array<[string, string]>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
  return Promise.all(files.map(async (file): Promise<[string, string]> => [path.relative(folder, file), await readFile(file, 'latin1')]));
}
