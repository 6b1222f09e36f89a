import { createHash } from 'node:crypto';
import type { Pool, RowDataPacket } from 'mysql2/promise';
import type { Collection, Store } from '../core/store.js';
import { SYSTEM_USERS } from './bootstrap-sql.js';
import { MariaDbError } from './mariadb-error.js';
import { quoteName, quoteSchemaPattern } from './quoting.js';
import type { VirtualServer, VirtualServerRequest } from './virtual-server.js';

interface DatabaseParts {
  host: string;
  port: number;
  pool: Pool;
  store: Store;
  /** Whether the server is ours alone, so that every account and schema in it is the sandbox's. */
  exclusive: boolean;
  stop: () => Promise<void>;
}

type Row = Record<string, unknown>;

/** The MariaDB as the stand-ins use it: virtual servers, and what an administrator does. */
export class Database {
  readonly host: string;
  readonly port: number;
  readonly #pool: Pool;
  readonly #servers: Collection<VirtualServer>;
  readonly #exclusive: boolean;
  readonly #stop: () => Promise<void>;

  constructor({ host, port, pool, store, exclusive, stop }: DatabaseParts) {
    this.host = host;
    this.port = port;
    this.#pool = pool;
    this.#servers = store.collection('mariadb.servers');
    this.#exclusive = exclusive;
    this.#stop = stop;
  }

  /** One statement as the server's own administrator; values take the place of `?`. */
  async query(sql: string, values: unknown[] = []): Promise<Row[]> {
    const [rows] = await this.#pool.query<RowDataPacket[]>(sql, values);
    return Array.isArray(rows) ? rows : [];
  }

  /**
   * Makes the schema and accounts of a virtual server. Repeating it is harmless. The record is written first, so that an
   * interrupted creation is dropped with the rest.
   *
   * @throws MariaDbError SCHEMA_TAKEN when another virtual server has a schema of that name: there is one name space for all.
   */
  async createServer(request: VirtualServerRequest): Promise<VirtualServer> {
    const known = this.#servers.get(request.id);
    if (known?.initialised) return known;
    const server = this.#plan(request);
    this.#servers.set(server.id, server);
    if (server.schema !== undefined) {
      await this.query(`CREATE DATABASE IF NOT EXISTS ${quoteName(server.schema)}`);
    }
    for (const { name, password } of request.accounts) {
      await this.#createAccount(server, name, password);
    }
    const initialised = { ...server, initialised: true };
    this.#servers.set(server.id, initialised);
    return initialised;
  }

  /** Drops the schema, the accounts, and every user that was granted anything on the schema: a real server takes them along. */
  async dropServer(id: string): Promise<void> {
    const server = this.#servers.get(id);
    if (!server) return;
    const accounts = Object.values(server.accounts).map((account) => account.user);
    for (const user of new Set([...accounts, ...(await this.#usersOf(server.schema))])) {
      await this.dropUser(user);
    }
    if (server.schema !== undefined) await this.query(`DROP DATABASE IF EXISTS ${quoteName(server.schema)}`);
    this.#servers.delete(id);
  }

  server(id: string): VirtualServer | undefined {
    return this.#servers.get(id);
  }

  servers(): VirtualServer[] {
    return this.#servers.list().map((entry) => entry.value);
  }

  /** Drops the account at every host, and ends its sessions, which would outlive it otherwise. */
  async dropUser(user: string): Promise<void> {
    const hosts = await this.query('SELECT Host FROM mysql.user WHERE User = ?', [user]);
    for (const { Host } of hosts) await this.query('DROP USER IF EXISTS ?@?', [user, Host]);
    await this.killSessions(user);
  }

  async killSessions(user: string): Promise<void> {
    const sessions = await this.query('SELECT ID FROM information_schema.PROCESSLIST WHERE USER = ?', [user]);
    for (const { ID } of sessions) {
      await this.query('KILL CONNECTION ?', [ID]).catch((error: { errno?: number }) => {
        if (error.errno !== NO_SUCH_THREAD) throw error;
      });
    }
  }

  /** The users and schemas that live in the server now, for GET /state. On a server of others, those known as ours. */
  async state(): Promise<{ users: string[]; schemas: string[] }> {
    return { users: await this.#liveUsers(), schemas: await this.#liveSchemas() };
  }

  async reset(): Promise<void> {
    for (const { id } of this.servers()) await this.dropServer(id);
    if (!this.#exclusive) return;
    for (const user of await this.#liveUsers()) await this.dropUser(user);
  }

  async close(): Promise<void> {
    await this.#pool.end();
    await this.#stop();
  }

  #plan(request: VirtualServerRequest): VirtualServer {
    const owner = this.servers().find(({ id, schema }) => id !== request.id && schema !== undefined && schema === request.schema);
    if (owner) {
      throw new MariaDbError(
        'SCHEMA_TAKEN',
        `The sandbox has one name space of schemas, and ${request.schema} belongs to ${owner.id}. ` +
          `Choose another database name, or delete ${owner.id}.`,
      );
    }
    const accounts: VirtualServer['accounts'] = {};
    for (const { name, administrator } of request.accounts) accounts[name] = { user: realName(request.id, name), administrator };
    return { id: request.id, ...(request.schema === undefined ? {} : { schema: request.schema }), initialised: false, accounts };
  }

  async #createAccount(server: VirtualServer, name: string, password: string): Promise<void> {
    const account = server.accounts[name];
    if (!account) return;
    await this.query("CREATE OR REPLACE USER ?@'%' IDENTIFIED BY ?", [account.user, password]);
    if (server.schema !== undefined) {
      const passOn = account.administrator ? ' WITH GRANT OPTION' : '';
      await this.query(`GRANT ALL PRIVILEGES ON ${quoteSchemaPattern(server.schema)}.* TO ?@'%'${passOn}`, [account.user]);
    }
    // What an administrator does to the users and sessions of its own server. There is no narrower right than for all of ours.
    if (account.administrator) await this.query("GRANT CREATE USER, PROCESS, CONNECTION ADMIN ON *.* TO ?@'%'", [account.user]);
  }

  async #usersOf(schema: string | undefined): Promise<string[]> {
    if (schema === undefined) return [];
    const escaped = schema.replace(/[\\_%]/g, (wildcard) => `\\${wildcard}`);
    const rows = await this.query('SELECT DISTINCT User FROM mysql.db WHERE Db IN (?, ?)', [schema, escaped]);
    return rows.map((row) => String(row['User'])).filter((user) => !SYSTEM_USERS.includes(user));
  }

  async #liveUsers(): Promise<string[]> {
    if (!this.#exclusive) {
      const users = await Promise.all(this.servers().map((server) => this.#usersOf(server.schema)));
      return [...new Set(users.flat())].sort();
    }
    const rows = await this.query('SELECT DISTINCT User FROM mysql.user WHERE User NOT IN (?) ORDER BY User', [SYSTEM_USERS]);
    return rows.map((row) => String(row['User']));
  }

  async #liveSchemas(): Promise<string[]> {
    const rows = await this.query('SELECT SCHEMA_NAME FROM information_schema.SCHEMATA ORDER BY SCHEMA_NAME');
    const ours = new Set(this.servers().map((server) => server.schema));
    return rows
      .map((row) => String(row['SCHEMA_NAME']))
      .filter((schema) => (this.#exclusive ? !SYSTEM_SCHEMAS.includes(schema) : ours.has(schema)));
  }
}

const SYSTEM_SCHEMAS = ['information_schema', 'mysql', 'performance_schema', 'sys'];
const NO_SUCH_THREAD = 1094;

/** Unique among all virtual servers, telling of whom it is, and no longer than the 32 characters MySQL allows. */
function realName(serverId: string, account: string): string {
  const digest = createHash('sha256').update(`${serverId}\n${account}`).digest('hex').slice(0, 12);
  return `sbx_${account.replace(/[^A-Za-z0-9]/g, '').slice(0, 15)}_${digest}`;
}
