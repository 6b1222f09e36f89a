import { jest } from '@jest/globals';
import { until } from '../product/until.js';
import type { Installation } from './installation.js';
import { installationForSuite } from './installation-for-suite.js';
import { expectLedgerRule, expectNoJobs } from './ledger-rule.js';

jest.setTimeout(180_000);

const tenMinutesMs = 10 * 60_000;

describe('workers whose clocks are twenty minutes apart', () => {
  let installation: Installation;
  installationForSuite((opened) => (installation = opened));

  it('waits, deadlines and leases go by the clock of the database', async () => {
    const { outside } = installation;
    await Promise.all([installation.startWorker({ clockAheadMs: tenMinutesMs }), installation.startWorker({ clockAheadMs: -tenMinutesMs })]);
    outside.isReady = false;
    const held = outside.holdAt(({ at, stepId }) => at === 'step:before-call' && stepId === 'report');
    outside.loseAnswer(({ method, path }) => method === 'POST' && path === '/things/a.first');
    const working = await installation.request('make', 'a');
    let waiting = 0;
    await until('runs have waited here and there', async () => {
      const asked = outside.calls.filter((call) => call.path === '/ready');
      if (asked.length >= 20 && new Set(asked.map(({ pid }) => pid)).size === 2) return true;
      // Which of them takes a new one is chance; one that waits stays with a worker whose clock is ahead.
      await installation.request('wait', `waiting-${waiting++}`);
      return false;
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
