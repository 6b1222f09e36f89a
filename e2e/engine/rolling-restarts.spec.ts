import { jest } from '@jest/globals';
import type { Installation } from './installation.js';
import { installationForSuite } from './installation-for-suite.js';
import { expectLedgerRule, expectNoJobs } from './ledger-rule.js';
import type { OutsideSystem } from './outside-system.js';
import { until } from '../product/until.js';

jest.setTimeout(240_000);

const rounds = 10;
/** Stopped at the same time, and as many started. */
const perRound = 2;
const requestsPerRound = 12;
/** Another worker goes on with what one that was told to stop has let go. */
const takenUpWithinMs = 2_000;

describe('workers restarted one after the other under load', () => {
  let installation: Installation;
  const told = new Map<number, number>();
  installationForSuite(async (opened) => {
    installation = opened;
    await startWorkers(installation);
    // Calls take a while, so that each restart meets some in flight.
    installation.outside.answersAfterMs = 100;
    for (let round = 0; round < rounds; round += 1) await restartSome(installation, round, told);
  });

  it('all leave by themselves and in order', async () => {
    const left = await Promise.all(installation.workers.filter(({ pid }) => told.has(pid)).map(({ gone }) => gone));
    expect(left).toEqual(left.map(({ at }) => ({ code: 0, signal: null, at })));
    expect(left).toHaveLength(rounds * perRound);
  });

  it('what they let go is taken up at once', () => {
    const delays = handovers(installation.outside, told);
    expect(delays.length).toBeGreaterThan(0);
    expect(Math.max(...delays)).toBeLessThan(takenUpWithinMs);
  });

  it('every run succeeds, with nothing doubled and nothing left', async () => {
    await expectLedgerRule(installation);
    expect(installation.readers.size).toBe(rounds * requestsPerRound);
    await expectNoJobs(installation);
  });
});

/** The oldest are told to stop in the middle of new work, once others have taken their place. */
async function restartSome(installation: Installation, round: number, told: Map<number, number>): Promise<void> {
  const { outside, workers } = installation;
  const oldest = workers.filter((worker) => !told.has(worker.pid));
  await startWorkers(installation);
  const names = Array.from({ length: requestsPerRound }, (_, index) => `rolling-${round}-${index}`);
  const runIds = await Promise.all(names.map((name) => installation.request('make', name)));
  await until('each is under way', async () => runIds.every((runId) => outside.visits.some((visit) => visit.runId === runId)));
  for (const worker of oldest) {
    told.set(worker.pid, Date.now());
    worker.signal('SIGTERM');
  }
  await Promise.all(oldest.map((worker) => worker.gone));
}

async function startWorkers(installation: Installation): Promise<void> {
  await Promise.all(Array.from({ length: perRound }, () => installation.startWorker()));
}

/** For each run that went from a worker told to stop to another: how long nobody had it. */
function handovers({ visits }: OutsideSystem, told: Map<number, number>): number[] {
  const last = new Map<string, { pid: number; time: number }>();
  const delays: number[] = [];
  for (const { runId, pid, time } of visits) {
    const before = last.get(runId);
    if (before && before.pid !== pid) delays.push(time - Math.max(before.time, told.get(before.pid) ?? 0));
    last.set(runId, { pid, time });
  }
  return delays;
}
