import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import pg from 'pg';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import * as bindings from '@prisma/schema-engine-wasm/schema_engine_bg';
import { CatalogueAdapterFactory } from './catalogue-adapter.mjs';
import { asMigrationFailure } from './engine-failure.mjs';

let loaded;

/**
 * Does `work(engine)` with Prisma's schema engine on the database at `url`. It is the very one behind `prisma migrate`,
 * as WebAssembly: its native build is fetched from a host outside npm, this one is an npm package. What it throws comes
 * as a Failure with Prisma's code.
 */
export async function withSchemaEngine(url, schemaFiles, work) {
  loaded ??= load();
  await loaded;
  // One connection: the engine takes an advisory lock, which belongs to the connection that took it.
  const pool = new pg.Pool({ connectionString: url, max: 1, idleTimeoutMillis: 0 });
  const factory = new CatalogueAdapterFactory(pool);
  const datamodels = schemaFiles.map(({ path: file, content }) => [file, content]);
  try {
    const engine = await bindings.SchemaEngine.new({ datamodels }, () => {}, bindMigrationAwareSqlAdapterFactory(factory));
    return await work(engine);
  } catch (error) {
    throw asMigrationFailure(error, factory.scriptError);
  } finally {
    await pool.end();
  }
}

async function load() {
  globalThis.PRISMA_WASM_PANIC_REGISTRY ??= {
    set_message(message) {
      throw new Error(`Prisma's schema engine gave up: ${message}`);
    },
  };
  const entry = createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm/schema_engine_bg');
  const bytes = await readFile(path.join(path.dirname(entry), 'schema_engine_bg.wasm'));
  const { instance } = await WebAssembly.instantiate(bytes, { './schema_engine_bg.js': bindings });
  bindings.__wbg_set_wasm(instance.exports);
  instance.exports.__wbindgen_start();
}
