import type { CommitOutcome, Delivery, DeliveryId, DeliveryStore, LatestCommit, LedgerKey, NewSignal } from '@slipway/portal';
import type pg from 'pg';
import { sendSignal } from '../signals/send-signal.js';
import { inTransaction } from './in-transaction.js';

export class PostgresDeliveryStore implements DeliveryStore {
  constructor(private readonly pool: pg.Pool) {}

  async add({ provider, deliveryId, event, body }: Delivery): Promise<boolean> {
    const added = await this.pool.query({
      name: 'add-delivery',
      text: 'INSERT INTO webhook_deliveries (provider, delivery_id, event, body) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING',
      values: [provider, deliveryId, event, body],
    });
    return added.rowCount === 1;
  }

  finish({ provider, deliveryId }: DeliveryId, outcome: string, signal: NewSignal | null): Promise<string[]> {
    return inTransaction(this.pool, async (connection) => {
      const finished = await connection.query({
        name: 'finish-delivery',
        text: `UPDATE webhook_deliveries SET processed_at = now(), outcome = $3
                WHERE provider = $1 AND delivery_id = $2 AND processed_at IS NULL`,
        values: [provider, deliveryId, outcome],
      });
      return signal && finished.rowCount === 1 ? sendSignal(connection, signal) : [];
    });
  }

  async pending(olderThanMs: number, limit: number): Promise<Delivery[]> {
    const found = await this.pool.query<{ provider: string; delivery_id: string; event: string; body: Buffer }>(
      `SELECT provider, delivery_id, event, body FROM webhook_deliveries
        WHERE processed_at IS NULL AND received_at <= now() - $1 * interval '1 millisecond' ORDER BY received_at LIMIT $2`,
      [olderThanMs, limit],
    );
    return found.rows.map((row) => ({ provider: row.provider, deliveryId: row.delivery_id, event: row.event, body: row.body }));
  }

  async applyCommit(repository: LedgerKey, commit: LatestCommit): Promise<CommitOutcome> {
    const applied = await this.pool.query<{ outcome: CommitOutcome }>(applyCommitSql, [
      repository.kind,
      repository.externalId,
      JSON.stringify(commit),
      commit.at,
    ]);
    return applied.rows[0]?.outcome ?? 'unknown_repository';
  }
}

/** Two pushes at once meet at the entity's row: the second looks at what the first has left there. */
const applyCommitSql = `
  WITH holder AS (
    SELECT DISTINCT entity.blueprint, entity.identifier
      FROM resources AS resource
      JOIN runs AS run ON run.id = resource.run_id
      JOIN entities AS entity
        ON entity.blueprint = resource.blueprint AND entity.identifier = resource.entity AND entity.mark = run.mark
     WHERE resource.kind = $1 AND resource.external_id = $2 AND resource.state NOT IN ('REMOVED', 'KEPT')
  ), changed AS (
    UPDATE entities AS entity
       SET properties = entity.properties || jsonb_build_object('latest_commit', $3::jsonb), updated_at = now()
      FROM holder
     WHERE entity.blueprint = holder.blueprint AND entity.identifier = holder.identifier
       AND coalesce((entity.properties #>> '{latest_commit,at}')::timestamptz <= $4::timestamptz, true)
    RETURNING 1
  )
  SELECT CASE WHEN EXISTS (SELECT 1 FROM changed) THEN 'applied'
              WHEN EXISTS (SELECT 1 FROM holder) THEN 'older'
              ELSE 'unknown_repository' END AS outcome`;
