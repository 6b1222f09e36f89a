import type { EntityRef } from '@slipway/contracts';
import type { IdempotencyKey, NewRun, RequestedEntity, RunRequestStore, Submission } from '@slipway/portal';
import type pg from 'pg';
import { submitForEntity } from './submit-for-entity.js';
import { submitForNewEntity } from './submit-for-new-entity.js';

/** Takes requests in by SQL: this is a hot path. */
export class PostgresRunRequestStore implements RunRequestStore {
  constructor(private readonly pool: pg.Pool) {}

  async findRepeat({
    caller,
    action,
    key,
  }: Pick<IdempotencyKey, 'caller' | 'action' | 'key'>): Promise<{ runId: string; bodyHash: string } | null> {
    const found = await this.pool.query<{ run_id: string; body_hash: string }>({
      name: 'find-repeat',
      text: findRepeatSql,
      values: [caller, action, key],
    });
    const row = found.rows[0];
    return row ? { runId: row.run_id, bodyHash: row.body_hash } : null;
  }

  async findEntity({ blueprint, identifier }: EntityRef): Promise<RequestedEntity | null> {
    const found = await this.pool.query<RequestedEntity>('SELECT team, mark FROM entities WHERE blueprint = $1 AND identifier = $2', [
      blueprint,
      identifier,
    ]);
    return found.rows[0] ?? null;
  }

  /** Whatever was refused may have been refused because an earlier request with the same key was accepted. */
  async submit(run: NewRun): Promise<Submission> {
    const submission = await (run.creates ? submitForNewEntity(this.pool, run) : submitForEntity(this.pool, run));
    if (submission.outcome === 'accepted') return submission;
    const repeat = run.idempotency && (await this.findRepeat(run.idempotency));
    if (repeat) return { outcome: 'repeated', ...repeat };
    if (submission.outcome === 'key_used') throw new Error(`The idempotency key of run ${run.id} was taken and is gone again.`);
    return submission;
  }
}

const findRepeatSql = `
  SELECT run_id, body_hash FROM idempotency_keys
   WHERE caller = $1 AND action = $2 AND key = $3 AND created_at > now() - interval '24 hours'`;
