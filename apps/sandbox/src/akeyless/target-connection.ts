import { createConnection } from 'mysql2/promise';
import type { Gateway } from './gateway.js';
import type { Connection, DynamicSecret } from './model.js';

/**
 * Where a host and port lead from where the gateway stands, inside the cluster's network. Undefined: the host is no name of the
 * cluster and is taken as it is. An account is the real name behind one that the imaginary server knows (see mariadb/README.md).
 *
 * @throws Error worded as a Go client's, where name resolution or the connection fails.
 */
export type Resolve = (host: string, port: number) => ResolvedHost | undefined;

export interface ResolvedHost {
  host: string;
  port: number;
  account(user: string): { user: string } | undefined;
}

/** The gateway could not do it; the message is the database's or the network's, and holds no secret. */
export class DatabaseFailure extends Error {}

/** Of the driver: mysql2 makes room for 16,000 prepared statements, and takes a stack with each query; both take longer than the query. */
const LEAN = { connectTimeout: 10_000, maxPreparedStatements: 1, trace: false };

/** An open connection, logged in. */
export interface Session {
  /** One statement, or several with semicolons between them, which the server runs one after the other up to the first that fails. */
  query(sql: string, values?: unknown[]): Promise<unknown>;
  ping(): Promise<unknown>;
  /** What the server really calls an account that the imaginary server knows by this name. */
  realName(user: string): string;
}

/** Runs `work` on a connection as the dynamic secret's target says. @throws DatabaseFailure */
export function withDatabase<T>(gateway: Gateway, secret: DynamicSecret, work: (session: Session) => Promise<T>): Promise<T> {
  const wanted = secret.target === undefined ? secret.connection : gateway.targets.get(secret.target);
  if (!wanted) throw new DatabaseFailure(`the target ${secret.target} was not found`);
  return withConnection(gateway, wanted, work);
}

/** @throws DatabaseFailure */
export async function withConnection<T>(gateway: Gateway, wanted: Connection, work: (session: Session) => Promise<T>): Promise<T> {
  const realUser = { name: wanted.user };
  try {
    const resolved = gateway.resolve(wanted.host, Number(wanted.port));
    const { host, port } = resolved ?? { host: wanted.host, port: Number(wanted.port) };
    const realName = (user: string) => resolved?.account(user)?.user ?? user;
    realUser.name = realName(wanted.user);
    const login = { user: realUser.name, password: wanted.password, ...(wanted.database ? { database: wanted.database } : {}) };
    const connection = await createConnection({ host, port, ...login, ...LEAN, multipleStatements: true });
    connection.on('error', () => {});
    try {
      const query = (sql: string, values?: unknown[]) => connection.query(sql, values);
      return await work({ query, ping: () => connection.ping(), realName });
    } finally {
      connection.destroy();
    }
  } catch (error) {
    throw new DatabaseFailure(wordsOf(error as Error, wanted).replaceAll(realUser.name, wanted.user));
  }
}

/** As Go's driver and net package print it. */
function wordsOf(
  error: Error & { errno?: number; sqlState?: string; code?: string; sqlMessage?: string },
  wanted: Connection,
): string {
  if (error.sqlState !== undefined) return `Error ${error.errno} (${error.sqlState}): ${error.sqlMessage ?? error.message}`;
  const address = `${wanted.host}:${wanted.port}`;
  if (error.code === 'ECONNREFUSED') return `dial tcp ${address}: connect: connection refused`;
  if (error.code === 'ENOTFOUND') return `dial tcp: lookup ${wanted.host}: no such host`;
  if (error.code === 'ETIMEDOUT') return `dial tcp ${address}: i/o timeout`;
  return error.message;
}
