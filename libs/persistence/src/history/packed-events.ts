import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type pg from 'pg';
import type { EventRow } from './event-row.js';

/** Gzipped JSON lines, so that `zcat` shows an operator what they hold. */
export function pack(rows: readonly EventRow[]): Promise<Buffer> {
  return promisify(gzip)(rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
}

/** Packed events of a run behind `seq` or `line`, in order, up to `limit` of them; log lines alone where `line` is asked for. */
export async function readPacked(
  pool: pg.Pool,
  runId: string,
  after: { seq: number } | { line: number },
  limit: number,
): Promise<EventRow[]> {
  const [column, from] = 'seq' in after ? (['last_seq', after.seq] as const) : (['last_line', after.line] as const);
  const wanted = (row: EventRow): boolean => ('seq' in after ? row.seq > after.seq : row.line !== null && row.line > after.line);
  const found: EventRow[] = [];
  let lastSeq = 0;
  while (found.length < limit) {
    const block = await pool.query<{ last_seq: number; bytes: Buffer }>(
      `SELECT last_seq, bytes FROM packed_events WHERE run_id = $1 AND ${column} > $2 AND last_seq > $3 ORDER BY last_seq LIMIT 1`,
      [runId, from, lastSeq],
    );
    const row = block.rows[0];
    if (!row) break;
    found.push(...(await unpack(row.bytes)).filter(wanted));
    lastSeq = row.last_seq;
  }
  return found.slice(0, limit);
}

async function unpack(bytes: Buffer): Promise<EventRow[]> {
  const text = (await promisify(gunzip)(bytes)).toString('utf8');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => {
      const row = JSON.parse(line) as Omit<EventRow, 'at'> & { at: string };
      return { ...row, at: new Date(row.at) };
    });
}
