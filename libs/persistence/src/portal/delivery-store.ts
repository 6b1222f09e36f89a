import type { Delivery, DeliveryId, DeliveryStore, NewSignal } from '@slipway/portal';
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

  async originalOf({ provider, deliveryId }: DeliveryId): Promise<string | null> {
    const found = await this.pool.query<{ delivery_id: string }>({ name: 'original-delivery', text: originalSql, values: [provider, deliveryId] });
    return found.rows[0]?.delivery_id ?? null;
  }
}

/** Whatever event the header says it was: the header is not signed. */
const originalSql = `
  SELECT other.delivery_id FROM webhook_deliveries AS one JOIN webhook_deliveries AS other
      ON other.provider = one.provider AND sha256(other.body) = sha256(one.body)
     AND (other.received_at, other.delivery_id) < (one.received_at, one.delivery_id)
   WHERE one.provider = $1 AND one.delivery_id = $2 ORDER BY other.received_at LIMIT 1`;
