import { jest } from '@jest/globals';
import { until } from '../product/until.js';
import type { Installation } from './installation.js';
import { installationForSuite } from './installation-for-suite.js';
import { expectLedgerRule } from './ledger-rule.js';
import { SilentWire } from './silent-wire.js';

jest.setTimeout(180_000);

describe('a worker that hears nothing from PostgreSQL any more, not even an error', () => {
  let installation: Installation;
  let wire: SilentWire;
  installationForSuite(async (opened) => {
    installation = opened;
  });
  afterAll(() => wire.close());

  it('breaks off its call before another worker goes on with the run', async () => {
    const { outside, database } = installation;
    wire = await SilentWire.to(new URL(database.url));
    const url = new URL(database.url);
    url.port = wire.port;
    const deaf = await installation.startWorker({ databaseUrl: url.href });
    const held = outside.holdAnswers(({ method, path, pid }) => method === 'POST' && path === '/things/silent.second' && pid === deaf.pid);
    const runId = await installation.request('make', 'silent');
    await held.reached;
    const other = await installation.startWorker();
    wire.goSilent();
    const taken = await until('the other worker has the run', async () =>
      outside.visits.find((visit) => visit.runId === runId && visit.pid === other.pid && visit.at === 'step:before-call'),
    );
    expect(outside.abandoned.filter(({ pid, time }) => pid === deaf.pid && time <= taken.time).map(({ path }) => path)).toEqual(['/things/silent.second']);
    await expectLedgerRule(installation);
  });
});
