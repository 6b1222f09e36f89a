import { DatabaseSync, type StatementSync } from 'node:sqlite';

/** A named set of JSON documents. Values are copies: changing one changes nothing until it is set again. */
export interface Collection<T> {
  get(key: string): T | undefined;
  set(key: string, value: T): void;
  /** Whether there was such a document. */
  delete(key: string): boolean;
  /** All documents whose key starts with the prefix, in key order. */
  list(prefix?: string): { key: string; value: T }[];
  /** As list of all, one after the other; nothing may be written meanwhile. */
  each(): Iterable<T>;
  /** As list, without reading the documents. */
  keys(prefix?: string): string[];
  clear(): void;
}

/**
 * What the stand-ins hold, in one SQLite file, so that it survives a restart and a kill -9. Writes are synchronous and
 * committed one by one; with synchronous=NORMAL a power failure may lose the last of them, a killed process none.
 */
export class Store {
  readonly #db: DatabaseSync;
  readonly #statements: Statements;

  static open(file: string): Store {
    return new Store(new DatabaseSync(file));
  }

  private constructor(db: DatabaseSync) {
    db.exec('PRAGMA journal_mode = WAL');
    db.exec('PRAGMA synchronous = NORMAL');
    db.exec(`CREATE TABLE IF NOT EXISTS documents (
      collection TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (collection, key)
    ) WITHOUT ROWID`);
    this.#db = db;
    this.#statements = prepare(db);
  }

  collection<T>(name: string): Collection<T> {
    return new TableCollection<T>(name, this.#statements);
  }

  close(): void {
    this.#db.close();
  }
}

interface Statements {
  get: StatementSync;
  set: StatementSync;
  delete: StatementSync;
  list: StatementSync;
  keys: StatementSync;
  clear: StatementSync;
}

function prepare(db: DatabaseSync): Statements {
  return {
    get: db.prepare('SELECT value FROM documents WHERE collection = ? AND key = ?'),
    set: db.prepare(
      'INSERT INTO documents VALUES (?, ?, ?) ON CONFLICT (collection, key) DO UPDATE SET value = excluded.value',
    ),
    delete: db.prepare('DELETE FROM documents WHERE collection = ? AND key = ?'),
    list: db.prepare('SELECT key, value FROM documents WHERE collection = ? AND key >= ? AND key < ? ORDER BY key'),
    keys: db.prepare('SELECT key FROM documents WHERE collection = ? AND key >= ? AND key < ? ORDER BY key'),
    clear: db.prepare('DELETE FROM documents WHERE collection = ?'),
  };
}

const LAST_CODE_POINT = '\u{10FFFF}';

class TableCollection<T> implements Collection<T> {
  constructor(
    private readonly name: string,
    private readonly statements: Statements,
  ) {}

  get(key: string): T | undefined {
    const row = this.statements.get.get(this.name, key) as { value: string } | undefined;
    return row ? (JSON.parse(row.value) as T) : undefined;
  }

  set(key: string, value: T): void {
    this.statements.set.run(this.name, key, JSON.stringify(value));
  }

  delete(key: string): boolean {
    return this.statements.delete.run(this.name, key).changes > 0;
  }

  list(prefix = ''): { key: string; value: T }[] {
    const rows = this.statements.list.all(this.name, prefix, prefix + LAST_CODE_POINT) as { key: string; value: string }[];
    return rows.map((row) => ({ key: row.key, value: JSON.parse(row.value) as T }));
  }

  *each(): Iterable<T> {
    for (const row of this.statements.list.iterate(this.name, '', LAST_CODE_POINT)) yield JSON.parse(String(row['value'])) as T;
  }

  keys(prefix = ''): string[] {
    const rows = this.statements.keys.all(this.name, prefix, prefix + LAST_CODE_POINT) as { key: string }[];
    return rows.map(({ key }) => key);
  }

  clear(): void {
    this.statements.clear.run(this.name);
  }
}
