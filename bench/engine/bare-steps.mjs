import { randomBytes } from 'node:crypto';

const connections = 8;

/**
 * What PostgreSQL does of the same work when nothing else is in the way: per step one fenced statement that numbers two
 * events, writes them and moves the step on; per run one to take it and one to end it. Steps a second.
 */
export async function bareSteps({ pool }, { runs, stepsPerRun }) {
  await createBareTables(pool);
  const ids = Array.from({ length: runs }, () => `r_${randomBytes(10).toString('hex')}`);
  await pool.query(`INSERT INTO bare_runs (id, status) SELECT id, 'QUEUED' FROM unnest($1::text[]) AS id`, [ids]);
  await pool.query(`INSERT INTO bare_steps (run_id, id, status) SELECT run, step, 'PENDING' FROM unnest($1::text[]) AS run, generate_series(1, $2::int) AS step`, [ids, stepsPerRun]);
  const begun = performance.now();
  await Promise.all(Array.from({ length: connections }, () => drain(pool, ids, stepsPerRun)));
  const seconds = (performance.now() - begun) / 1_000;
  await dropBareTables(pool);
  return (runs * stepsPerRun) / seconds;
}

export async function createBareTables(pool) {
  await pool.query(`
    CREATE TABLE bare_runs (id text PRIMARY KEY, status text NOT NULL, fence bigint NOT NULL DEFAULT 0, seq int NOT NULL DEFAULT 0);
    CREATE TABLE bare_steps (run_id text, id int, status text NOT NULL, output jsonb, PRIMARY KEY (run_id, id));
    CREATE TABLE bare_events (run_id text, seq int, body jsonb NOT NULL, at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (run_id, seq))`);
}

export async function dropBareTables(pool) {
  await pool.query('DROP TABLE bare_runs, bare_steps, bare_events');
}

async function drain(pool, ids, stepsPerRun) {
  const client = await pool.connect();
  try {
    for (let id = ids.pop(); id !== undefined; id = ids.pop()) await takeThrough(client, id, stepsPerRun);
  } finally {
    client.release();
  }
}

/** One run from its beginning to its end. */
export async function takeThrough(client, id, steps) {
  await client.query({ name: 'bare-claim', text: `UPDATE bare_runs SET status = 'RUNNING', fence = fence + 1 WHERE id = $1`, values: [id] });
  for (let step = 1; step <= steps; step += 1) {
    await client.query({ name: 'bare-step', text: stepSql, values: [id, step, JSON.stringify({ type: 'step', status: 'SUCCEEDED' })] });
  }
  await client.query({ name: 'bare-end', text: `UPDATE bare_runs SET status = 'SUCCEEDED' WHERE id = $1 AND fence = 1`, values: [id] });
}

const stepSql = `
  WITH held AS (
    UPDATE bare_runs SET seq = seq + 2 WHERE id = $1 AND fence = 1 RETURNING id, seq - 2 AS seq
  ), moved AS (
    UPDATE bare_steps SET status = 'SUCCEEDED', output = $3::jsonb FROM held WHERE run_id = held.id AND bare_steps.id = $2
  )
  INSERT INTO bare_events (run_id, seq, body) SELECT held.id, held.seq + number, $3::jsonb FROM held, generate_series(1, 2) AS number`;
