import type { NewRun, Submission } from '@slipway/portal';
import { runsAhead } from '../line/turn-of-entity.js';

/** A submission whose idempotency key was used before; nothing of it was written. */
export interface KeyUsed {
  outcome: 'key_used';
}

/**
 * Takes the idempotency key, if there is one ($12 to $14): `free` has a row when it was not in use, or there is none. An
 * earlier request with the same key that has not committed yet is waited for.
 */
export const takeKeySql = `
  taken AS (
    INSERT INTO idempotency_keys (caller, action, key, body_hash, run_id)
    SELECT $12, $2, $13, $14, $1 WHERE $12::text IS NOT NULL
    ON CONFLICT (caller, action, key) DO UPDATE SET body_hash = excluded.body_hash, run_id = excluded.run_id, created_at = now()
      WHERE idempotency_keys.created_at <= now() - interval '24 hours'
    RETURNING 1
  ), free AS (
    SELECT 1 WHERE $12::text IS NULL OR EXISTS (SELECT 1 FROM taken)
  )`;

/** Run, steps, typed secrets, first event and outbox row; `entity` gives the row that lets it happen, with the mark. */
export const insertRunSql = `
  accepted AS (
    INSERT INTO runs (id, action, operation, blueprint, entity, team, status, inputs, requested_by, plan,
                      template_digest, mark, trace_id, last_seq)
    SELECT $1, $2, $3, $4, $5, $6, 'QUEUED', $7::jsonb, $8, $9::jsonb, $10, entity.mark, $11, 1 FROM entity
    RETURNING id, blueprint, entity, created_at
  ), stepped AS (
    INSERT INTO steps (run_id, id, position, status)
    SELECT accepted.id, step.id, step.position, 'PENDING' FROM accepted, unnest($15::text[]) WITH ORDINALITY AS step(id, position)
  ), sealed AS (
    INSERT INTO run_secrets (run_id, name, sealed) SELECT accepted.id, secret.key, secret.value FROM accepted, jsonb_each_text($16::jsonb) AS secret
  ), told AS (
    INSERT INTO events (run_id, seq, type, body) SELECT id, 1, 'run', '{"status":"QUEUED","failure":null}'::jsonb FROM accepted
  ), posted AS (
    INSERT INTO outbox (run_id, team) SELECT id, coalesce($6, '') FROM accepted
  )
  SELECT created_at, ${runsAhead('accepted')} AS behind FROM accepted`;

export interface AcceptedRow {
  created_at: Date;
  behind: string[];
}

export function submissionOf(row: AcceptedRow | undefined): Submission | KeyUsed {
  return row ? { outcome: 'accepted', createdAt: row.created_at, behind: row.behind } : { outcome: 'key_used' };
}

/** $1 to $16, as both statements number them. */
export function acceptValues(run: NewRun): unknown[] {
  return [
    run.id,
    run.action,
    run.operation,
    run.entity.blueprint,
    run.entity.identifier,
    run.team,
    JSON.stringify(run.inputs),
    run.requestedBy,
    JSON.stringify(run.plan),
    run.templateDigest,
    run.traceId,
    run.idempotency?.caller ?? null,
    run.idempotency?.key ?? null,
    run.idempotency?.bodyHash ?? null,
    run.plan.steps.map((step) => step.id),
    JSON.stringify(run.sealedSecrets),
  ];
}
