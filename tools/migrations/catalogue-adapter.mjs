import { PrismaPg } from '@prisma/adapter-pg';
import { ColumnTypeEnum } from '@prisma/driver-adapter-utils';

/** PostgreSQL's own one-byte type `"char"`, which only system catalogues use, and the type it can pass as. */
const CHAR_OID = 18;
const TEXT_OID = 25;

/**
 * Prisma's PostgreSQL adapter, made fit for the schema engine. As it comes it serves queries of an application; the
 * engine asks two things more of it: to read the system catalogues, and to run a migration as one script.
 */
export class CatalogueAdapterFactory extends PrismaPg {
  /** PostgreSQL's own words about the last script that failed; the engine's error keeps few of them. */
  scriptError;

  async connect() {
    const adapter = await super.connect();
    readCharColumns(adapter);
    runScriptsWhole(adapter, (error) => { this.scriptError = error; });
    return adapter;
  }
}

/** `"char"` columns, which the adapter refuses, are let through as text and then given their true type. */
function readCharColumns(adapter) {
  const charColumns = new WeakMap();
  const performIO = adapter.performIO.bind(adapter);
  adapter.performIO = async (query) => {
    const result = await performIO(query);
    const fields = (result.fields ?? []).filter(({ dataTypeID }) => dataTypeID === CHAR_OID);
    charColumns.set(result.rows, fields.map((field) => result.fields.indexOf(field)));
    for (const field of fields) field.dataTypeID = TEXT_OID;
    return result;
  };
  const queryRaw = adapter.queryRaw.bind(adapter);
  adapter.queryRaw = async (query) => {
    const result = await queryRaw(query);
    for (const column of charColumns.get(result.rows) ?? []) result.columnTypes[column] = ColumnTypeEnum.Character;
    return result;
  };
}

/**
 * The adapter cuts a script at every semicolon, also inside functions and strings, and sends the pieces one by one.
 * Sent whole, PostgreSQL runs it as one transaction: a migration that fails leaves nothing behind, as with Prisma's
 * native engine.
 */
function runScriptsWhole(adapter, onFailure) {
  adapter.executeScript = async (script) => {
    try {
      await adapter.underlyingDriver().query(script);
    } catch (error) {
      onFailure(error);
      adapter.onError(error);
    }
  };
}
