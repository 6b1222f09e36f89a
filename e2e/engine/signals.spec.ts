import { jest } from '@jest/globals';
import { sendSignals } from '../../libs/persistence/src/signals/send-signals.js';
import { until } from '../product/until.js';
import type { Installation } from './installation.js';
import { installationForSuite } from './installation-for-suite.js';
import { expectLedgerRule, expectNoJobs } from './ledger-rule.js';

jest.setTimeout(180_000);

/** Far less than the minute after which a waiting step looks by itself. */
const wokenWithinMs = 20_000;

describe('a signal', () => {
  let installation: Installation;
  installationForSuite(async (opened) => {
    installation = opened;
    await Promise.all([installation.startWorker(), installation.startWorker()]);
  });

  it('that comes before its run is even asked for ends the wait at once', async () => {
    await send('early');
    await installation.request('signal', 'early');
    await installation.ended(wokenWithinMs);
  });

  it('that comes between the look for it and the record of the wait ends the wait', async () => {
    const held = installation.outside.holdAt(({ at, stepId }) => at === 'step:after-call' && stepId === 'told');
    await installation.request('signal', 'between');
    await held.reached;
    await send('between');
    held.release();
    await installation.ended(wokenWithinMs);
  });

  it('that comes during the wait ends it', async () => {
    await asleep([await installation.request('signal', 'late')]);
    await send('late');
    await installation.ended(wokenWithinMs);
  });

  it('that comes just as runs begin to wait is lost for none of them', async () => {
    const { outside } = installation;
    const names = Array.from({ length: 24 }, (_, index) => `close-${index}`);
    const held = outside.holdAt(({ at, stepId }) => at === 'step:before-call' && stepId === 'told');
    await Promise.all(names.map((name) => installation.request('signal', name)));
    await until('all are about to look', async () => held.count === names.length);
    held.release();
    await Promise.all(names.map(send));
    await installation.ended(wokenWithinMs);
  });

  it('leaves each run as its history says, with nothing doubled and nothing left', async () => {
    await expectLedgerRule(installation);
    await expectNoJobs(installation);
  });

  async function send(name: string): Promise<void> {
    const connection = await installation.database.pool.connect();
    try {
      await connection.query('BEGIN');
      await sendSignals(connection, [{ key: `outside:${name}`, body: { name } }]);
      await connection.query('COMMIT');
    } finally {
      connection.release();
    }
  }

  async function asleep(runIds: string[]): Promise<void> {
    const sleeping = `SELECT 1 FROM runs WHERE id = ANY ($1) AND status = 'WAITING' AND lease_owner IS NULL`;
    await until('they sleep', async () => (await installation.database.pool.query(sleeping, [runIds])).rowCount === runIds.length);
  }
});
