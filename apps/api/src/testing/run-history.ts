import { type NewEvent, type RunChange } from '@slipway/engine';
import { PostgresRunStore } from '@slipway/persistence';
import { openRedis, RedisAnnouncer } from '@slipway/queue';
import type { StartedApi } from './start-api.js';

/** Plays the worker: writes into a run's history as a lease's holder does, and says so to whoever follows. */
interface RunHistory {
  log(...messages: string[]): Promise<void>;
  end(): Promise<void>;
  close(): Promise<void>;
}

export async function holdRun(api: StartedApi, runId: string): Promise<RunHistory> {
  const store = new PostgresRunStore(api.database.pool);
  const redis = openRedis(api.redisUrl, { patient: true });
  const announcer = new RedisAnnouncer(redis);
  const claim = await store.claim(runId, 'spec', 60_000);
  if (!claim) throw new Error(`Run ${runId} cannot be claimed.`);
  const record = async (change: RunChange): Promise<void> => {
    await store.record(claim.lease, change);
    announcer.announce(runId);
  };
  return {
    log: (...messages) =>
      record({ events: messages.map((message): NewEvent => ({ type: 'log', stepId: null, level: 'info', message })) }),
    end: () => record({ run: { status: 'SUCCEEDED' }, events: [{ type: 'run', status: 'SUCCEEDED', failure: null }] }),
    async close() {
      redis.disconnect();
    },
  };
}
