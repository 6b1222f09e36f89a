import { jest } from '@jest/globals';
import { until } from '../product/until.js';
import { Installation } from './installation.js';
import { expectLedgerRule, expectNoJobs } from './ledger-rule.js';
import { type Stores, startStores } from './stores.js';

jest.setTimeout(180_000);

describe('an old and a new release at work at once', () => {
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

  it('what only the new one knows waits for it, and nothing fails', async () => {
    await installation.startWorker({ newer: false });
    const runIds = await Promise.all(['a', 'b', 'c', 'd'].map((name) => installation.request('newer', name)));
    const waiting = `SELECT 1 FROM steps WHERE run_id = ANY ($1) AND id = 'newer' AND status = 'WAITING'`;
    await until('the old one has met what it does not know', async () => (await installation.database.pool.query(waiting, [runIds])).rowCount === runIds.length);
    await installation.startWorker({ newer: true });
    await Promise.all(['e', 'f'].map((name) => installation.request('newer', name)));
    await expectLedgerRule(installation);
    await expectNoJobs(installation);
  });
});
