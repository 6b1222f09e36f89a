import type { ActionRecord, OfferOutcome } from '@slipway/portal';
import type pg from 'pg';

interface OfferedVersion {
  id: string;
  digest: string;
  archive: Buffer;
  actions: ActionRecord[] | null;
}

/** Puts a version's actions in place of what the source offered before; a runs keeps the plan and template it began with. */
export async function offerTemplateVersion(
  connection: pg.PoolClient,
  source: string,
  version: string,
  by: string | null,
): Promise<OfferOutcome> {
  const latest = version === 'latest';
  const found = await connection.query<OfferedVersion>(latest ? latestGoodSql : versionSql, latest ? [source] : [source, version]);
  const chosen = found.rows[0];
  // A source without a good version offers nothing, and lets go of what was chosen for it.
  if (!chosen) return latest ? { outcome: 'offered' } : { outcome: 'no_such_version' };
  if (!chosen.actions) return { outcome: 'broken' };
  const action = await takenBy(connection, source, chosen.actions);
  if (action !== null) return { outcome: 'action_taken', action };
  await replaceActions(connection, source, chosen, chosen.actions);
  await connection.query(noteSql, [source, chosen.id, by, by !== null && !latest]);
  return { outcome: 'offered' };
}

async function takenBy(connection: pg.PoolClient, source: string, actions: readonly ActionRecord[]): Promise<string | null> {
  const found = await connection.query<{ identifier: string }>(
    'SELECT identifier FROM actions WHERE identifier = ANY ($2) AND source IS DISTINCT FROM $1 LIMIT 1',
    [source, actions.map(({ identifier }) => identifier)],
  );
  return found.rows[0]?.identifier ?? null;
}

async function replaceActions(
  connection: pg.PoolClient,
  source: string,
  { digest, archive }: OfferedVersion,
  actions: readonly ActionRecord[],
): Promise<void> {
  await connection.query(
    'INSERT INTO archives (digest, bytes) VALUES ($1, $2) ON CONFLICT (digest) DO UPDATE SET created_at = now()',
    [digest, archive],
  );
  await connection.query('DELETE FROM actions WHERE source = $1 AND NOT identifier = ANY ($2)', [source, actions.map(({ identifier }) => identifier)]);
  for (const { identifier, title, description, operation, blueprint, template } of actions) {
    const values = [identifier, title, description, operation, blueprint, JSON.stringify(template), digest, source];
    await connection.query(upsertActionSql, values);
  }
}

const columns = 'id::text, digest, archive, actions';
const versionSql = `SELECT ${columns} FROM template_versions WHERE source = $1 AND id = $2`;
const latestGoodSql = `
  SELECT ${columns} FROM template_versions WHERE source = $1 AND actions IS NOT NULL ORDER BY template_versions.id DESC LIMIT 1`;

/** When nothing changes hands, who and when stay as they were. */
const noteSql = `
  UPDATE template_sources SET offered_id = $2, held = $4,
         offered_by = CASE WHEN offered_id IS DISTINCT FROM $2 OR $3::text IS NOT NULL THEN $3 ELSE offered_by END,
         offered_at = CASE WHEN offered_id IS DISTINCT FROM $2 OR $3::text IS NOT NULL THEN now() ELSE offered_at END
   WHERE name = $1`;

const upsertActionSql = `
  INSERT INTO actions (identifier, title, description, operation, blueprint, template, template_digest, source, updated_at)
  VALUES ($1, $2, $3, $4, $5, $6::json, $7, $8, now())
  ON CONFLICT (identifier) DO UPDATE SET title = $2, description = $3, operation = $4, blueprint = $5, template = $6::json,
         template_digest = $7, updated_at = now()`;
