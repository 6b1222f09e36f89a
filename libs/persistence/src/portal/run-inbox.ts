import type { EntityStatus, RunStatus } from '@slipway/contracts';
import type { DemandOutcome, RunDemand, RunInbox } from '@slipway/portal';
import type pg from 'pg';
import { activeRunSql } from './active-run.js';
import { inTransaction } from './in-transaction.js';

const possibleIn: Record<RunDemand, readonly string[]> = {
  cancel: ['WAITING_FOR_APPROVAL', 'QUEUED', 'RUNNING', 'WAITING'],
  undo: ['FAILED', 'CANCELLED'],
  retry: ['FAILED', 'CANCELLED'],
};

/** Whichever of two were read first, the other would be against what its asker was shown. */
const opposites: Partial<Record<RunDemand, RunDemand>> = { undo: 'retry', retry: 'undo' };

export class PostgresRunInbox implements RunInbox {
  constructor(private readonly pool: pg.Pool) {}

  demand(runId: string, demand: RunDemand, sealedSecrets: Record<string, string> = {}): Promise<DemandOutcome> {
    return inTransaction(this.pool, async (connection) => {
      const run = await lockRun(connection, runId);
      if (!possibleIn[demand].includes(run.status)) return { outcome: 'wrong_state', status: run.status };
      const unread = await unreadDemands(connection, runId);
      if (unread.includes(demand)) {
        if (demand === 'retry') await keepSecrets(connection, runId, sealedSecrets);
        return { outcome: 'accepted' };
      }
      const opposite = opposites[demand];
      if (opposite && unread.includes(opposite)) return { outcome: 'opposite_asked', demand: opposite };
      const refusal = await refusalOf(connection, run, demand, sealedSecrets);
      if (refusal) return refusal;
      if (demand === 'retry') await keepSecrets(connection, runId, sealedSecrets);
      await connection.query('INSERT INTO inbox (run_id, kind) VALUES ($1, $2)', [runId, demand]);
      await connection.query('INSERT INTO outbox (run_id) VALUES ($1)', [runId]);
      return { outcome: 'accepted' };
    });
  }
}

interface LockedRun {
  id: string;
  status: RunStatus;
  operation: string;
  blueprint: string;
  entity: string;
  mark: string;
  /** Names of the typed secrets that are not kept any more. */
  wiped: string[];
}

async function lockRun(connection: pg.PoolClient, runId: string): Promise<LockedRun> {
  const found = await connection.query<LockedRun>(
    `SELECT id, status, operation, blueprint, entity, mark,
       ARRAY(SELECT typed ->> 'name' FROM jsonb_array_elements(plan -> 'secrets') AS typed
              WHERE ended_at < now() - interval '24 hours'
                 OR NOT EXISTS (SELECT 1 FROM run_secrets WHERE run_id = runs.id AND name = typed ->> 'name')) AS wiped
       FROM runs WHERE id = $1 FOR UPDATE`,
    [runId],
  );
  const run = found.rows[0];
  if (!run) throw new Error(`Run ${runId} is gone: runs are never deleted while somebody may act on them.`);
  return run;
}

/** What people asked for; an undo that the sweep asks for by itself counts for nobody. */
async function unreadDemands(connection: pg.PoolClient, runId: string): Promise<string[]> {
  const found = await connection.query<{ kind: string }>(
    "SELECT kind FROM inbox WHERE run_id = $1 AND acknowledged_at IS NULL AND NOT body @> '{\"automatic\": true}'",
    [runId],
  );
  return found.rows.map(({ kind }) => kind);
}

async function refusalOf(connection: pg.PoolClient, run: LockedRun, demand: RunDemand, given: Record<string, string>): Promise<DemandOutcome | null> {
  switch (demand) {
    case 'cancel':
      return null;
    case 'undo':
      return (await hasStanding(connection, run.id)) ? null : { outcome: 'nothing_standing', status: run.status };
    case 'retry':
      return neededSecrets(run, given) ?? takeEntityBack(connection, run);
  }
}

function neededSecrets({ wiped }: LockedRun, given: Record<string, string>): DemandOutcome | null {
  const names = wiped.filter((name) => !Object.hasOwn(given, name));
  return names.length === 0 ? null : { outcome: 'secrets_needed', names };
}

async function keepSecrets(connection: pg.PoolClient, runId: string, sealed: Record<string, string>): Promise<void> {
  await connection.query(
    `INSERT INTO run_secrets (run_id, name, sealed) SELECT $1, key, value FROM jsonb_each_text($2)
     ON CONFLICT (run_id, name) DO UPDATE SET sealed = excluded.sealed`,
    [runId, JSON.stringify(sealed)],
  );
}

async function hasStanding(connection: pg.PoolClient, runId: string): Promise<boolean> {
  const found = await connection.query(`SELECT 1 FROM resources WHERE run_id = $1 AND state NOT IN ('REMOVED', 'KEPT') LIMIT 1`, [
    runId,
  ]);
  return found.rowCount !== 0;
}

/** A run that goes on needs its entity as it was then: the name is held again from here, so that no other request takes it. */
async function takeEntityBack(connection: pg.PoolClient, run: LockedRun): Promise<DemandOutcome | null> {
  const found = await connection.query<{ status: EntityStatus; mark: string }>(
    'SELECT status, mark FROM entities WHERE blueprint = $1 AND identifier = $2 FOR UPDATE',
    [run.blueprint, run.entity],
  );
  const entity = found.rows[0];
  if (!entity || entity.mark !== run.mark) return { outcome: 'entity_moved_on' };
  const other = await connection.query<{ id: string; action: string }>(`${activeRunSql} AND run.id <> $3 LIMIT 1`, [
    run.blueprint,
    run.entity,
    run.id,
  ]);
  if (other.rows[0]) return { outcome: 'entity_busy', runId: other.rows[0].id, action: other.rows[0].action };
  if (run.operation === 'DAY-2') return entity.status === 'ready' ? null : { outcome: 'entity_not_ready', status: entity.status };
  const status = run.operation === 'CREATE' ? 'creating' : 'deleting';
  await connection.query('UPDATE entities SET status = $3, updated_at = now() WHERE blueprint = $1 AND identifier = $2', [
    run.blueprint,
    run.entity,
    status,
  ]);
  return null;
}
