import { createHash } from 'node:crypto';
import { jest } from '@jest/globals';
import type { Place } from '@slipway/engine';
import { until } from '../product/until.js';
import type { Installation } from './installation.js';
import { installationForSuite } from './installation-for-suite.js';
import { expectLedgerRule, expectNoJobs } from './ledger-rule.js';
import type { OutsideSystem, Reached } from './outside-system.js';

jest.setTimeout(180_000);

/** What is lost with a worker is found again within this. */
const recoveredWithinMs = 12_000;

interface Kill {
  name: string;
  action: 'make' | 'fail';
  at: (reached: Reached, outside: OutsideSystem) => boolean;
}

const kills: Kill[] = [
  { name: 'before a call', action: 'make', at: place('step:before-call', 'second') },
  { name: 'between a call and its record', action: 'make', at: place('step:after-call', 'second') },
  { name: 'after a record, before what it began', action: 'make', at: afterTheFirstRecord },
  { name: 'between a checkpoint of the workspace and its record', action: 'make', at: place('step:checkpointed', 'two') },
  { name: 'before a removal', action: 'fail', at: place('removal:before-call', 'second') },
  { name: 'between a removal and its record', action: 'fail', at: place('removal:after-call', 'second') },
];

/** One after the other and each on a worker of its own, before the first lease runs out; one worker is left to go on with all of them. */
describe('a worker killed', () => {
  let installation: Installation;
  const recoveries: Recovery[] = [];
  installationForSuite(async (opened) => {
    installation = opened;
    // The first leaves its modules compiled for those that are to be killed.
    await installation.startWorker();
    await Promise.all(kills.map(() => installation.startWorker()));
    for (const [index, kill] of kills.entries()) recoveries.push(await killOneWorker(installation, kill, `run-${index}`));
  });

  it.each(kills.map(({ name }, index) => ({ name, index })))('$name: another goes on with its run in time', async ({ index }) => {
    const { runId, pid, killedAt } = recoveries[index] as Recovery;
    const isNext = (visit: Reached): boolean => visit.runId === runId && visit.pid !== pid;
    const next = await until('another worker goes on', async () => installation.outside.visits.find(isNext));
    expect(next.time - killedAt).toBeLessThan(recoveredWithinMs);
  });

  it('in any of these places: each run ends as its history says, nothing is doubled and nothing is left', async () => {
    const failing = recoveries.filter((_, index) => kills[index]?.action === 'fail').map(({ runId }) => runId);
    await expectLedgerRule(installation, { status: (runId) => (failing.includes(runId) ? 'FAILED' : 'SUCCEEDED') });
    const making = recoveries.map(({ runId }) => runId).filter((runId) => !failing.includes(runId));
    expect(installation.outside.reports).toEqual(new Map(making.map((runId) => [runId, digestOfNotes(runId)])));
    await expectNoJobs(installation);
  });
});

interface Recovery {
  runId: string;
  pid: number;
  killedAt: number;
}

async function killOneWorker(installation: Installation, { action, at }: Kill, name: string): Promise<Recovery> {
  const { outside } = installation;
  const requested = installation.request(action, name);
  const { pid, runId } = await outside.killAt(async (reached) => reached.runId === (await requested) && at(reached, outside));
  const { signal, at: killedAt } = await installation.worker(pid).gone;
  expect(signal).toBe('SIGKILL');
  return { runId, pid, killedAt };
}

function place(at: Place['at'], stepId: string): Kill['at'] {
  return (reached) => reached.at === at && reached.stepId === stepId;
}

/** What concerns the run as a whole is of interest once there is something to lose. */
function afterTheFirstRecord(reached: Reached, { visits }: OutsideSystem): boolean {
  return reached.at === 'run:recorded' && visits.some(({ at, runId }) => runId === reached.runId && at === 'step:after-call');
}

/** Each line once, though it may have been written twice. */
function digestOfNotes(runId: string): string {
  return createHash('sha256').update(`one of ${runId}\ntwo of ${runId}\n`).digest('hex');
}
