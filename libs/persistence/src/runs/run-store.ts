import type { EntityRef } from '@slipway/contracts';
import { type Claim, type InboxMessage, type Lease, LeaseLost, type LedgerResource, type RunChange, type RunStore, type Signal } from '@slipway/engine';
import type pg from 'pg';
import { ChangeWriter } from './change-writer.js';
import { claimRun } from './claim-run.js';
import { type InboxRow, type ResourceJson, type SignalRow, toInboxMessage, toResource, toSignal } from './run-rows.js';

/** The engine's `RunStore` in PostgreSQL, by SQL: these are the hot paths. */
export class PostgresRunStore implements RunStore {
  private readonly writer: ChangeWriter;

  constructor(private readonly pool: pg.Pool) {
    this.writer = new ChangeWriter(pool);
  }

  claim(runId: string, owner: string, leaseMs: number): Promise<Claim | null> {
    return claimRun(this.pool, runId, owner, leaseMs);
  }

  record(lease: Lease, change: RunChange): Promise<void> {
    return this.writer.write(lease, change);
  }

  async heartbeat(lease: Lease, leaseMs: number): Promise<InboxMessage[]> {
    const beat = await this.pool.query<Partial<InboxRow>>({
      name: 'heartbeat',
      text: heartbeatSql,
      values: [lease.runId, lease.owner, lease.fence, leaseMs],
    });
    if (beat.rowCount === 0) throw new LeaseLost(lease.runId);
    return beat.rows.filter((row): row is InboxRow => row.id != null).map(toInboxMessage);
  }

  async release({ runId, owner, fence }: Lease, wakeAt: Date | null, putOff: readonly string[] = []): Promise<boolean> {
    const values = [runId, owner, fence, wakeAt, putOff];
    const released = await this.pool.query({ name: 'release-run', text: releaseSql, values });
    if (released.rowCount === 0) return false;
    await this.pool.query({ name: 'look-again', text: lookAgainSql, values: [runId, putOff] });
    return true;
  }

  async standing(entity: EntityRef): Promise<LedgerResource[]> {
    const values = [entity.blueprint, entity.identifier];
    const found = await this.pool.query<{ resource: ResourceJson }>({ name: 'standing-resources', text: standingSql, values });
    return found.rows.map((row) => toResource(row.resource));
  }

  async signals(key: string, after: number): Promise<Signal[]> {
    const rows = await this.pool.query<SignalRow>('SELECT id, key, body, sent_at FROM signals WHERE key = $1 AND id > $2 ORDER BY id', [key, after]);
    return rows.rows.map(toSignal);
  }

  async sealedSecrets(runId: string): Promise<Record<string, string>> {
    const found = await this.pool.query<{ name: string; sealed: string }>('SELECT name, sealed FROM run_secrets WHERE run_id = $1', [runId]);
    return Object.fromEntries(found.rows.map(({ name, sealed }) => [name, sealed]));
  }
}

const standingSql = `
  SELECT to_json(resource) AS resource FROM resources AS resource
   WHERE blueprint = $1 AND entity = $2 AND state NOT IN ('REMOVED', 'KEPT') ORDER BY position`;

const heartbeatSql = `
  WITH held AS (
    UPDATE runs SET lease_until = now() + $4 * interval '1 millisecond'
     WHERE id = $1 AND lease_owner = $2 AND fence = $3
    RETURNING id
  )
  SELECT inbox.id, inbox.kind, inbox.body
    FROM held LEFT JOIN inbox ON inbox.run_id = held.id AND inbox.acknowledged_at IS NULL
   ORDER BY inbox.id`;

const releaseSql = `
  UPDATE runs SET lease_owner = NULL, lease_until = NULL, wake_at = $4
   WHERE id = $1 AND lease_owner = $2 AND fence = $3
     AND NOT EXISTS (SELECT 1 FROM inbox WHERE run_id = runs.id AND acknowledged_at IS NULL AND id <> ALL ($5::bigint[]))`;

/**
 * Whoever writes to the inbox also asks for a job. That of a message written while the lease was being given back may have
 * found it still held: seen from here, such a message is there, and asks for another.
 */
const lookAgainSql = `
  INSERT INTO outbox (run_id)
  SELECT $1 WHERE EXISTS (SELECT 1 FROM inbox WHERE run_id = $1 AND acknowledged_at IS NULL AND id <> ALL ($2::bigint[]))`;
