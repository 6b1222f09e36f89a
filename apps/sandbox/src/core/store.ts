import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { LRUCache } from 'lru-cache';

/**
 * A named set of JSON documents. Values handed out are frozen, and the same for all who ask; a changed copy is set. Values handed in
 * are frozen and kept as they are: nothing is read back that was just written.
 */
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
 * What the stand-ins hold, in one SQLite file, so that it survives a restart and a kill -9. Writes are committed together at the end
 * of the event loop's turn that made them, or by `commit`, which comes before each answer: what was answered is there after a kill.
 * With synchronous=NORMAL a power failure may lose the last of it.
 */
export class Store {
  readonly #db: DatabaseSync;
  readonly #transaction: Transaction;
  readonly #statements: Statements;
  readonly #collections = new Map<string, Collection<unknown>>();

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
    this.#transaction = new Transaction(db);
    this.#statements = prepare(db);
  }

  /** The same for all who ask for that name: what one writes the other sees. */
  collection<T>(name: string): Collection<T> {
    const known = this.#collections.get(name) ?? new TableCollection(name, this.#statements, this.#transaction);
    this.#collections.set(name, known);
    return known as Collection<T>;
  }

  commit(): void {
    this.#transaction.commit();
  }

  close(): void {
    this.commit();
    this.#db.close();
  }
}

/** To commit costs as much as to write a document, and a turn of the loop serves several requests, timers and webhooks, with some documents each. */
class Transaction {
  readonly #begin: StatementSync;
  readonly #commit: StatementSync;
  #open = false;

  constructor(db: DatabaseSync) {
    this.#begin = db.prepare('BEGIN');
    this.#commit = db.prepare('COMMIT');
  }

  begin(): void {
    if (this.#open) return;
    this.#open = true;
    this.#begin.run();
    setImmediate(() => this.commit());
  }

  commit(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#commit.run();
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
/** Of each collection. Most are asked for a few documents over and over. */
const VALUES_AT_HAND = 200;
const LISTS_AT_HAND = 50;

class TableCollection<T> implements Collection<T> {
  readonly #values = new LRUCache<string, { value: T }>({ max: VALUES_AT_HAND });
  /** By prefix; forgotten at each write. */
  readonly #lists = new LRUCache<string, readonly { key: string; value: T }[]>({ max: LISTS_AT_HAND });

  constructor(
    private readonly name: string,
    private readonly statements: Statements,
    private readonly transaction: Transaction,
  ) {}

  get(key: string): T | undefined {
    const known = this.#values.get(key);
    if (known) return known.value;
    const row = this.statements.get.get(this.name, key) as { value: Encoded } | undefined;
    return row && this.#read(key, row.value);
  }

  set(key: string, value: T): void {
    this.transaction.begin();
    this.statements.set.run(this.name, key, encode(value));
    this.#values.set(key, { value: freeze(value) });
    this.#lists.clear();
  }

  delete(key: string): boolean {
    this.transaction.begin();
    this.#values.delete(key);
    this.#lists.clear();
    return this.statements.delete.run(this.name, key).changes > 0;
  }

  list(prefix = ''): { key: string; value: T }[] {
    const known = this.#lists.get(prefix);
    if (known) return [...known];
    const rows = this.statements.list.all(this.name, prefix, prefix + LAST_CODE_POINT) as { key: string; value: Encoded }[];
    const listed = rows.map((row) => ({ key: row.key, value: this.#values.get(row.key)?.value ?? this.#read(row.key, row.value) }));
    if (listed.length <= VALUES_AT_HAND) this.#lists.set(prefix, listed);
    return [...listed];
  }

  *each(): Iterable<T> {
    for (const row of this.statements.list.iterate(this.name, '', LAST_CODE_POINT)) yield decode<T>(row['value'] as Encoded);
  }

  keys(prefix = ''): string[] {
    const rows = this.statements.keys.all(this.name, prefix, prefix + LAST_CODE_POINT) as { key: string }[];
    return rows.map(({ key }) => key);
  }

  clear(): void {
    this.transaction.begin();
    this.statements.clear.run(this.name);
    this.#values.clear();
    this.#lists.clear();
  }

  #read(key: string, encoded: Encoded): T {
    const value = freeze(decode<T>(encoded));
    this.#values.set(key, { value });
    return value;
  }
}

/** JSON; of a text its bytes: to escape the quotes of fifteen kilobytes takes longer than to store them. */
type Encoded = string | Uint8Array;

function encode(value: unknown): Encoded {
  return typeof value === 'string' ? Buffer.from(value) : JSON.stringify(value);
}

function decode<T>(encoded: Encoded): T {
  return (typeof encoded === 'string' ? JSON.parse(encoded) : Buffer.from(encoded).toString()) as T;
}

/** What is frozen was frozen here, with all that it holds. */
function freeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const field of Object.values(value)) freeze(field);
  return Object.freeze(value);
}
