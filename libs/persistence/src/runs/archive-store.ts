import type pg from 'pg';

/** Content-addressed archives (golden paths, workspaces); the digest is the key, so a second put of the same adds nothing. */
export class PostgresArchiveStore {
  constructor(private readonly pool: pg.Pool) {}

  async put(digest: string, bytes: Uint8Array): Promise<void> {
    await this.pool.query(putSql, [digest, Buffer.from(bytes)]);
  }

  async get(digest: string): Promise<Uint8Array | null> {
    const found = await this.pool.query<{ bytes: Buffer }>('SELECT bytes FROM archives WHERE digest = $1', [digest]);
    return found.rows[0]?.bytes ?? null;
  }
}

/** Renewed, since housekeeping may be about to take what nobody named so far. */
const putSql = 'INSERT INTO archives (digest, bytes) VALUES ($1, $2) ON CONFLICT (digest) DO UPDATE SET created_at = now()';
