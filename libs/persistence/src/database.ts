import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { PrismaClient } from './generated/prisma/client.js';

/** One pool for both: hot paths write SQL on `pool`, everything else goes through `prisma`. */
export interface Database {
  pool: pg.Pool;
  prisma: PrismaClient;
  close(): Promise<void>;
}

const closeMs = 1_000;
/** Far more than any statement here takes. */
const queryMs = 20_000;
/** A connection plans each statement a few times before it keeps the plan, which costs more than what runs by it later. */
const idleMs = 10 * 60_000;

export function openDatabase(url: string, options: { maxConnections?: number } = {}): Database {
  const pool = new pg.Pool({
    connectionString: url,
    max: options.maxConnections ?? 10,
    connectionTimeoutMillis: 5_000,
    idleTimeoutMillis: idleMs,
    // A server that is gone without a word (a half-open connection) is an error too, in the end.
    query_timeout: queryMs,
    keepAlive: true,
    application_name: 'slipway',
  });
  // An idle connection that breaks (a restarted server) is replaced at the next query; unheard, it would end the process.
  pool.on('error', () => undefined);
  const prisma = new PrismaClient({ adapter: new PrismaPg(pool) });
  return {
    pool,
    prisma,
    async close() {
      await prisma.$disconnect();
      await within(closeMs, pool.end());
    },
  };
}

/** A connection that never comes back to the pool (a server that does not answer) is not waited for. */
async function within(ms: number, closing: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  await Promise.race([closing, new Promise((resolve) => (timer = setTimeout(resolve, ms)))]);
  clearTimeout(timer);
}
