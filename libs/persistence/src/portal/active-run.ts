/** The runs ($1 blueprint, $2 entity) that work on an entity or are about to: not ended, or ended and called back. */
export const activeRunSql = `
  SELECT run.id, run.action, run.status, run.requested_by FROM runs AS run
   WHERE run.blueprint = $1 AND run.entity = $2
     AND (run.status IN ('WAITING_FOR_APPROVAL', 'QUEUED', 'RUNNING', 'WAITING', 'UNDOING')
          OR EXISTS (SELECT 1 FROM inbox
                      WHERE inbox.run_id = run.id AND inbox.acknowledged_at IS NULL AND inbox.kind IN ('retry', 'undo')))`;
