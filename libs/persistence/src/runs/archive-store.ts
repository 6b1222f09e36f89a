import type pg from 'pg';

/** Content-addressed archives (golden paths, workspaces); the digest is the key, so a second put of the same is nothing. */
export class PostgresArchiveStore {
  constructor(private readonly pool: pg.Pool) {}

  async put(digest: string, bytes: Uint8Array): Promise<void> {
    await this.pool.query('INSERT INTO archives (digest, bytes) VALUES ($1, $2) ON CONFLICT DO NOTHING', [digest, Buffer.from(bytes)]);
  }

  async get(digest: string): Promise<Uint8Array | null> {
    const found = await this.pool.query<{ bytes: Buffer }>('SELECT bytes FROM archives WHERE digest = $1', [digest]);
    return found.rows[0]?.bytes ?? null;
  }
}
