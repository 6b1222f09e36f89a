import { jest } from '@jest/globals';
import { until } from '../product/until.js';
import { Installation } from './installation.js';
import { expectLedgerRule, expectNoJobs } from './ledger-rule.js';
import { type Stores, startStores } from './stores.js';

jest.setTimeout(180_000);

const tenMinutesMs = 10 * 60_000;

describe('workers whose clocks are twenty minutes apart', () => {
  let stores: Stores;
  let installation: Installation;

  beforeAll(async () => {
    stores = await startStores();
    installation = await Installation.open(stores);
  });
  afterAll(async () => {
    await installation?.close();
    await stores?.stop();
  });

  it('waits, deadlines and leases go by the clock of the database', async () => {
    const { outside } = installation;
    await Promise.all([installation.startWorker({ clockAheadMs: tenMinutesMs }), installation.startWorker({ clockAheadMs: -tenMinutesMs })]);
    outside.isReady = false;
    const held = outside.holdAt(({ at, stepId }) => at === 'step:before-call' && stepId === 'report');
    outside.loseAnswer(({ method, path }) => method === 'POST' && path === '/things/a.first');
    const working = await installation.request('make', 'a');
    await Promise.all(Array.from({ length: 8 }, (_, index) => installation.request('wait', `waiting-${index}`)));
    await until('runs have waited here and there', async () => {
      const asked = outside.calls.filter((call) => call.path === '/ready');
      return asked.length >= 20 && new Set(asked.map(({ pid }) => pid)).size === 2;
    });
    await held.reached;
    const before = await leaseOf(installation, working);
    await until('its lease has been prolonged beyond its first length', async () => (await leaseOf(installation, working)).until - before.until > 7_000);
    expect((await leaseOf(installation, working)).claims).toBe(before.claims);
    outside.isReady = true;
    held.release();
    await installation.ended(15_000);
    await expectLedgerRule(installation);
    await expectNoJobs(installation);
  });
});

async function leaseOf({ database }: Installation, runId: string): Promise<{ claims: number; until: number }> {
  const found = 'SELECT fence::int AS claims, (extract(epoch FROM lease_until) * 1000)::float AS until FROM runs WHERE id = $1';
  const { rows } = await database.pool.query<{ claims: number; until: number }>(found, [runId]);
  return rows[0] ?? { claims: 0, until: 0 };
}
