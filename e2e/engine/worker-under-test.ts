import { startWorker } from '@slipway/worker';
import { providerUnderTest } from './provider-under-test.ts';

// The product's worker, with a provider at its edge and its places connected to the test that started it.

const { OUTSIDE_URL: url = '', OUTSIDE_NEWER: newer, CLOCK_AHEAD_MS: aheadMs } = process.env;

if (aheadMs) shiftClock(Number(aheadMs));

await startWorker(process.env, {
  providers: [providerUnderTest({ url, newer: newer === 'yes' })],
  reach,
});

/** The test answers when it lets the worker go on; or never, and the worker dies here. */
async function reach(place: object): Promise<void> {
  const answer = await fetch(`${url}/reached`, { method: 'POST', body: JSON.stringify({ ...place, pid: process.pid }) });
  const { die } = (await answer.json()) as { die: boolean };
  if (!die) return;
  process.kill(process.pid, 'SIGKILL');
  await new Promise(() => undefined);
}

/** What a machine with a wrong clock says: every `Date` that is made of the present. */
function shiftClock(byMs: number): void {
  const RealDate = Date;
  globalThis.Date = class extends RealDate {
    constructor(...args: unknown[]) {
      super(...((args.length === 0 ? [RealDate.now() + byMs] : args) as [number]));
    }
    static override now(): number {
      return RealDate.now() + byMs;
    }
  } as DateConstructor;
}
