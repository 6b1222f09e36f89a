import type { Delivery, DeliveryId, DeliveryStore, EndedDelivery } from '@slipway/portal';
import type pg from 'pg';
import { sendSignals } from '../signals/send-signals.js';
import { AddDeliveries } from './add-deliveries.js';
import { inTransaction } from './in-transaction.js';
import { unpackBody } from './packed-body.js';

export class PostgresDeliveryStore implements DeliveryStore {
  private readonly adding: AddDeliveries;

  constructor(private readonly pool: pg.Pool) {
    this.adding = new AddDeliveries(pool);
  }

  add(delivery: Delivery): Promise<boolean> {
    return this.adding.add(delivery);
  }

  finish(ended: readonly EndedDelivery[]): Promise<string[]> {
    return inTransaction(this.pool, async (connection) => {
      const values = [...columnsOf(ended), ended.map(({ outcome }) => outcome)];
      const finished = await connection.query<{ number: number }>({ name: 'finish-deliveries', text: finishSql, values });
      const signals = finished.rows.map(({ number }) => ended[number - 1]?.signal ?? null);
      return sendSignals(connection, signals.filter((signal) => signal !== null));
    });
  }

  async pending(olderThanMs: number, limit: number): Promise<Delivery[]> {
    const found = await this.pool.query<{ provider: string; delivery_id: string; event: string; body: Buffer }>(
      `SELECT provider, delivery_id, event, body FROM webhook_deliveries
        WHERE processed_at IS NULL AND received_at <= now() - $1 * interval '1 millisecond' ORDER BY received_at LIMIT $2`,
      [olderThanMs, limit],
    );
    return Promise.all(
      found.rows.map(async (row) => ({ provider: row.provider, deliveryId: row.delivery_id, event: row.event, body: await unpackBody(row.body) })),
    );
  }

  async originalsOf(ids: readonly DeliveryId[]): Promise<(string | null)[]> {
    const found = await this.pool.query<{ original: string | null }>({ name: 'original-deliveries', text: originalsSql, values: columnsOf(ids) });
    return found.rows.map(({ original }) => original);
  }
}

function columnsOf(ids: readonly DeliveryId[]): string[][] {
  return [ids.map(({ provider }) => provider), ids.map(({ deliveryId }) => deliveryId)];
}

/** In the order of their ids: of two that finish the same ones, neither waits for the other who waits for him. */
const finishSql = `
  WITH given AS (
    SELECT given.* FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS given(provider, delivery_id, outcome, number)
  ), open AS MATERIALIZED (
    SELECT given.* FROM webhook_deliveries AS delivery JOIN given USING (provider, delivery_id)
     WHERE delivery.processed_at IS NULL ORDER BY provider, delivery_id FOR UPDATE OF delivery
  ), finished AS (
    UPDATE webhook_deliveries AS delivery SET processed_at = now(), outcome = open.outcome FROM open
     WHERE delivery.provider = open.provider AND delivery.delivery_id = open.delivery_id
    RETURNING open.number
  )
  SELECT number::int FROM finished ORDER BY number`;

/** Whatever event the header says it was: the header is not signed. */
const originalsSql = `
  SELECT (
    SELECT other.delivery_id FROM webhook_deliveries AS one JOIN webhook_deliveries AS other
        ON other.provider = one.provider AND other.digest = one.digest
       AND (other.received_at, other.delivery_id) < (one.received_at, one.delivery_id)
     WHERE one.provider = given.provider AND one.delivery_id = given.delivery_id ORDER BY other.received_at LIMIT 1
  ) AS original
    FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS given(provider, delivery_id, number) ORDER BY number`;
