import { jest } from '@jest/globals';
import { until } from '../product/until.js';
import type { Installation } from './installation.js';
import { installationForSuite } from './installation-for-suite.js';
import { expectLedgerRule, expectNoJobs } from './ledger-rule.js';

jest.setTimeout(180_000);

describe('an old and a new release at work at once', () => {
  let installation: Installation;
  installationForSuite((opened) => (installation = opened));

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
