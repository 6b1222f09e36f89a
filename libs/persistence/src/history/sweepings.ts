/** What housekeeping deletes, in batches of $1, and how old it has to be. */
export const sweepings: ReadonlyArray<{ name: string; sql: string }> = [
  {
    name: 'signals',
    sql: `DELETE FROM signals WHERE id IN (SELECT id FROM signals WHERE sent_at < now() - interval '7 days' LIMIT $1)`,
  },
  {
    name: 'inbox messages',
    sql: `DELETE FROM inbox WHERE id IN (SELECT id FROM inbox WHERE acknowledged_at < now() - interval '7 days' LIMIT $1)`,
  },
  {
    name: 'idempotency keys',
    sql: `
      DELETE FROM idempotency_keys WHERE (caller, action, key) IN (
        SELECT caller, action, key FROM idempotency_keys WHERE created_at < now() - interval '24 hours' LIMIT $1)
        AND created_at < now() - interval '24 hours'`,
  },
  {
    name: 'webhook deliveries',
    sql: `
      DELETE FROM webhook_deliveries WHERE (provider, delivery_id) IN (
        SELECT provider, delivery_id FROM webhook_deliveries WHERE processed_at < now() - interval '30 days' LIMIT $1)`,
  },
  {
    name: 'sign-in links',
    sql: `
      DELETE FROM sign_in_links WHERE token_hash IN (
        SELECT token_hash FROM sign_in_links WHERE expires_at < now() - interval '1 day' LIMIT $1)`,
  },
  {
    name: 'sessions',
    sql: `DELETE FROM sessions WHERE token_hash IN (SELECT token_hash FROM sessions WHERE expires_at < now() LIMIT $1)`,
  },
  {
    // An hour and more before they have to be gone: housekeeping comes by each hour.
    name: 'typed secrets',
    sql: `
      DELETE FROM run_secrets WHERE (run_id, name) IN (
        SELECT secret.run_id, secret.name FROM run_secrets AS secret JOIN runs AS run ON run.id = secret.run_id
         WHERE (run.ended_at < now() - interval '22 hours' OR run.status = 'DECLINED')
           AND NOT EXISTS (SELECT 1 FROM inbox WHERE inbox.run_id = run.id AND inbox.kind = 'retry' AND inbox.acknowledged_at IS NULL)
         LIMIT $1)`,
  },
  {
    // A run can need its workspace and its template until it has ended for good: one that failed may be retried for as long
    // as the entity is the one it worked on. Whoever puts or offers an archive renews its date, so none goes in between.
    name: 'archives',
    sql: `
      WITH in_need AS (
        SELECT id, workspace_digest, template_digest FROM runs AS run
         WHERE run.status IN ('WAITING_FOR_APPROVAL', 'QUEUED', 'RUNNING', 'WAITING', 'UNDOING')
            OR (run.status IN ('FAILED', 'CANCELLED') AND EXISTS (
                  SELECT 1 FROM entities AS entity
                   WHERE entity.blueprint = run.blueprint AND entity.identifier = run.entity AND entity.mark = run.mark))
      ), needed AS MATERIALIZED (
        SELECT template_digest AS digest FROM actions
        UNION SELECT template_digest FROM in_need
        UNION SELECT workspace_digest FROM in_need WHERE workspace_digest IS NOT NULL
      )
      DELETE FROM archives WHERE created_at < now() - interval '1 day' AND digest IN (
        SELECT digest FROM archives AS archive
         WHERE created_at < now() - interval '1 day' AND NOT EXISTS (SELECT 1 FROM needed WHERE needed.digest = archive.digest)
         LIMIT $1)`,
  },
];
