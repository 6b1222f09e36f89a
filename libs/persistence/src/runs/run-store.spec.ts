import { exerciseRunStore } from '@slipway/engine/testing';
import { type TestDatabase, createTestDatabase } from '../testing/test-database.js';
import { PostgresRunStore } from './run-store.js';

describe('PostgresRunStore', () => {
  let database: TestDatabase;
  beforeAll(async () => (database = await createTestDatabase()));
  afterAll(() => database.drop());

  exerciseRunStore(() => ({
    store: new PostgresRunStore(database.pool),
    async add(run, steps) {
      await database.pool.query(
        `INSERT INTO runs (id, action, operation, blueprint, entity, status, inputs, requested_by, plan, template_digest, mark)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
        [run.id, run.action, run.operation, run.entity.blueprint, run.entity.identifier, run.status, run.inputs, run.requestedBy, run.plan, run.templateDigest, run.mark],
      );
      for (const [position, step] of steps.entries()) {
        await database.pool.query('INSERT INTO steps (run_id, id, position, status) VALUES ($1, $2, $3, $4)', [run.id, step.id, position, step.status]);
      }
    },
    async tell(runId, kind, body = {}) {
      await database.pool.query('INSERT INTO inbox (run_id, kind, body) VALUES ($1, $2, $3)', [runId, kind, body]);
    },
    async send(key, body) {
      await database.pool.query('INSERT INTO signals (key, body) VALUES ($1, $2)', [key, JSON.stringify(body)]);
    },
    async pause(paused) {
      if (paused) await database.pool.query(`INSERT INTO pauses (scope, reason, paused_by) VALUES ('runs', 'a test', 'nobody')`);
      else await database.pool.query(`DELETE FROM pauses WHERE scope = 'runs'`);
    },
    async events(runId) {
      return (await database.pool.query('SELECT seq, line, type FROM events WHERE run_id = $1 ORDER BY seq', [runId])).rows;
    },
    async expireLease(runId) {
      await database.pool.query(`UPDATE runs SET lease_until = now() - interval '1 second' WHERE id = $1`, [runId]);
    },
  }));
});
