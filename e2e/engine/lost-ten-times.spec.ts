import { jest } from '@jest/globals';
import { until } from '../product/until.js';
import type { Installation } from './installation.js';
import { installationForSuite } from './installation-for-suite.js';
import { expectLedgerRule, expectNoJobs } from './ledger-rule.js';
import type { Reached, Stop } from './outside-system.js';

jest.setTimeout(180_000);

const mostLosses = 10;

/** A kill is a lease that nobody prolongs, and the others here kill for good: ten processes more would show nothing but that. */
describe('a run whose workers are lost ten times in the middle of one step', () => {
  let installation: Installation;
  let held: Stop<Reached>;
  let runId: string;
  installationForSuite(async (opened) => {
    installation = opened;
    await Promise.all([installation.startWorker(), installation.startWorker()]);
    held = installation.outside.holdAt(({ at, stepId }) => at === 'step:after-call' && stepId === 'second');
    runId = await installation.request('fail', 'deadly');
    for (let loss = 1; loss <= mostLosses; loss += 1) {
      await until(`a worker is in the middle of it for the ${loss}. time`, async () => held.count === loss);
      await loseWorker(installation, runId);
    }
    await installation.ended();
  });

  it('ends with the reason, undone, and no worker comes to the step for an eleventh time', async () => {
    const { database, outside } = installation;
    const { rows: runs } = await database.pool.query('SELECT status, failure FROM runs');
    const failure = { code: 'step_lost_repeatedly', message: expect.stringContaining('lost 10 times'), remedy: expect.stringContaining('logs') };
    expect(runs).toMatchObject([{ status: 'FAILED', failure }]);
    const { rows: steps } = await database.pool.query('SELECT id, attempt, failures, losses FROM steps ORDER BY position');
    expect(steps).toEqual([
      { id: 'first', attempt: 1, failures: 0, losses: 0 },
      { id: 'second', attempt: mostLosses, failures: 0, losses: mostLosses },
      { id: 'failing', attempt: 0, failures: 0, losses: 0 },
    ]);
    expect(held.count).toBe(mostLosses);
    expect([...outside.things]).toEqual([]);
  });

  it('leaves nothing behind, and those who come back write nothing more', async () => {
    held.release();
    // A job is there for as long as one of them is at it.
    await expectNoJobs(installation);
    await expectLedgerRule(installation, { status: () => 'FAILED' });
  });
});

/** Its lease runs out and is not prolonged again, until somebody else has the run. */
async function loseWorker({ database }: Installation, runId: string): Promise<void> {
  const { rows } = await database.pool.query<{ fence: string }>('SELECT fence FROM runs WHERE id = $1', [runId]);
  const lapse = 'UPDATE runs SET lease_until = now() WHERE id = $1 AND fence = $2 AND lease_owner IS NOT NULL';
  await until('another has the run', async () => (await database.pool.query(lapse, [runId, rows[0]?.fence])).rowCount === 0);
}
