import type { EntityRef } from '@slipway/contracts';
import { type Claim, type InboxMessage, type Lease, LeaseLost, type LedgerResource, type RunChange, type RunStore, type Signal } from '@slipway/engine';
import type pg from 'pg';
import { claimRun } from './claim-run.js';
import { recordChange } from './record-change.js';
import { type InboxRow, type ResourceRow, type SignalRow, toInboxMessage, toResource, toSignal } from './run-rows.js';

/** The engine's `RunStore` in PostgreSQL, by SQL: these are the hot paths. */
export class PostgresRunStore implements RunStore {
  constructor(private readonly pool: pg.Pool) {}

  claim(runId: string, owner: string, leaseMs: number): Promise<Claim | null> {
    return claimRun(this.pool, runId, owner, leaseMs);
  }

  record(lease: Lease, change: RunChange): Promise<void> {
    return recordChange(this.pool, lease, change);
  }

  async heartbeat(lease: Lease, leaseMs: number): Promise<InboxMessage[]> {
    const beat = await this.pool.query<Partial<InboxRow>>(heartbeatSql, [lease.runId, lease.owner, lease.fence, leaseMs]);
    if (beat.rowCount === 0) throw new LeaseLost(lease.runId);
    return beat.rows.filter((row): row is InboxRow => row.id != null).map(toInboxMessage);
  }

  async release(lease: Lease, wakeAt: Date | null): Promise<boolean> {
    const released = await this.pool.query(releaseSql, [lease.runId, lease.owner, lease.fence, wakeAt]);
    return released.rowCount === 1;
  }

  async standing(entity: EntityRef): Promise<LedgerResource[]> {
    const rows = await this.pool.query<ResourceRow>(
      `SELECT * FROM resources WHERE blueprint = $1 AND entity = $2 AND state NOT IN ('REMOVED', 'KEPT') ORDER BY position`,
      [entity.blueprint, entity.identifier],
    );
    return rows.rows.map(toResource);
  }

  async signals(key: string, after: number): Promise<Signal[]> {
    const rows = await this.pool.query<SignalRow>('SELECT id, key, body, sent_at FROM signals WHERE key = $1 AND id > $2 ORDER BY id', [key, after]);
    return rows.rows.map(toSignal);
  }
}

const heartbeatSql = `
  WITH held AS (
    UPDATE runs SET lease_until = now() + $4 * interval '1 millisecond'
     WHERE id = $1 AND lease_owner = $2 AND fence = $3
    RETURNING id
  )
  SELECT inbox.id, inbox.kind, inbox.body
    FROM held LEFT JOIN inbox ON inbox.run_id = held.id AND inbox.acknowledged_at IS NULL
   ORDER BY inbox.id`;

// Whoever writes to the inbox also asks for a job: a message that comes after this look finds a worker that way.
const releaseSql = `
  UPDATE runs SET lease_owner = NULL, lease_until = NULL, wake_at = $4
   WHERE id = $1 AND lease_owner = $2 AND fence = $3
     AND NOT EXISTS (SELECT 1 FROM inbox WHERE run_id = runs.id AND acknowledged_at IS NULL)`;
