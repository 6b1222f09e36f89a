import type { ActionRecord, ActionStore, RequestableAction } from '@slipway/portal';
import type pg from 'pg';

interface ActionRow {
  identifier: string;
  title: string;
  description: string;
  operation: string;
  blueprint: string;
  template: ActionRecord['template'];
  template_digest: string;
}

export class PostgresActionStore implements ActionStore {
  constructor(private readonly pool: pg.Pool) {}

  async find(identifier: string): Promise<RequestableAction | null> {
    const found = await this.pool.query<ActionRow & { schema: Record<string, unknown> }>({
      name: 'find-action',
      text: `SELECT action.*, blueprint.schema FROM actions AS action
               JOIN blueprints AS blueprint ON blueprint.identifier = action.blueprint
              WHERE action.identifier = $1`,
      values: [identifier],
    });
    const row = found.rows[0];
    return row ? { ...toAction(row), blueprintSchema: row.schema } : null;
  }

  async list(): Promise<ActionRecord[]> {
    const found = await this.pool.query<ActionRow>('SELECT * FROM actions ORDER BY identifier');
    return found.rows.map(toAction);
  }
}

function toAction(row: ActionRow): ActionRecord {
  return {
    identifier: row.identifier,
    title: row.title,
    description: row.description,
    operation: row.operation as ActionRecord['operation'],
    blueprint: row.blueprint,
    template: row.template,
    templateDigest: row.template_digest,
  };
}
