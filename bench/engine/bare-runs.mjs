import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { openRedis } from '@slipway/queue';
import { Queue, Worker } from 'bullmq';
import { createBareTables, dropBareTables, takeThrough } from './bare-steps.mjs';

const name = 'bare-runs';

/**
 * How long one run at a time takes with nothing but its statements and its job: stored with its steps, handed over by BullMQ, claimed,
 * each step one fenced statement, ended. All of it in one process, and nobody follows. `times` measurements in ms.
 */
export async function bareRuns({ pool }, redisUrl, { times, stepsPerRun, pauseMs }) {
  await createBareTables(pool);
  const connections = [openRedis(redisUrl, { patient: true }), openRedis(redisUrl, { patient: true })];
  const queue = new Queue(name, { connection: connections[0], defaultJobOptions: { removeOnComplete: true, removeOnFail: true } });
  const client = await pool.connect();
  let ended = Promise.withResolvers();
  const worker = new Worker(name, ({ data }) => takeThrough(client, data.id, stepsPerRun).then(ended.resolve, ended.reject), { connection: connections[1] });
  await worker.waitUntilReady();
  try {
    const measured = [];
    for (let time = 0; time < times; time += 1) {
      const id = `r_${randomBytes(10).toString('hex')}`;
      const begun = performance.now();
      await pool.query({ name: 'bare-submit', text: submitSql, values: [id, stepsPerRun] });
      await queue.add('run', { id });
      await ended.promise;
      measured.push(performance.now() - begun);
      ended = Promise.withResolvers();
      await pause(pauseMs);
    }
    return measured;
  } finally {
    await Promise.all([worker.close(), queue.close()]);
    for (const connection of connections) connection.disconnect();
    client.release();
    await dropBareTables(pool);
  }
}

const submitSql = `
  WITH run AS (INSERT INTO bare_runs (id, status) VALUES ($1, 'QUEUED') RETURNING id)
  INSERT INTO bare_steps (run_id, id, status) SELECT run.id, step, 'PENDING' FROM run, generate_series(1, $2::int) AS step`;
