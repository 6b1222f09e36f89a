import { exerciseStep } from '../testing/exercise-step.js';
import { failureOf } from '../testing/failure-of.js';
import { createStepRig } from '../testing/step-rig.js';
import { debugWait } from './debug-wait.js';
import { signalWait } from './signal-wait.js';

const makesNothing = 'it makes nothing';
const nothing = { kinds: [], count: () => Promise.resolve(0) };

exerciseStep('debug:wait', () => Promise.resolve({ ...nothing, step: debugWait, input: { milliseconds: 5 } }), { makesNothing });

exerciseStep(
  'signal:wait',
  () =>
    Promise.resolve({
      ...nothing,
      step: signalWait,
      input: { key: 'deployed:shop', within: '20s' },
      before: (rig) => Promise.resolve(void rig.signals.push({ key: 'deployed:shop', body: { sha: 'abc' }, at: new Date(0) })),
    }),
  { makesNothing },
);

describe('debug:wait', () => {
  it('waits for as long as all its parts together', async () => {
    const result = await debugWait.run(createStepRig({ kinds: [] }).context(), { minutes: 2, seconds: 3, milliseconds: 4 });
    expect(result).toMatchObject({ wait: { afterMs: 123_004 } });
  });

  it('called too soon, waits for the rest alone', async () => {
    const ctx = createStepRig({ kinds: [] }).context({ state: { until: Date.now() + 5_000 } });
    const result = await debugWait.run(ctx, { minutes: 2 });
    expect('wait' in result && result.wait.afterMs).toBeLessThanOrEqual(5_000);
  });
});

describe('signal:wait', () => {
  const input = { key: 'deployed:shop', within: 30 * 60_000 };

  it('waits for its signal, and looks again by itself', async () => {
    const result = await signalWait.run(createStepRig({ kinds: [] }).context(), input);
    expect(result).toMatchObject({ wait: { afterMs: 60_000, signal: 'deployed:shop' } });
  });

  it('answers what was told first', async () => {
    const signals = [
      { key: 'deployed:shop', body: { n: 1 }, at: new Date(0) },
      { key: 'deployed:shop', body: { n: 2 }, at: new Date(1) },
    ];
    const result = await signalWait.run(createStepRig({ kinds: [] }).context({ signals }), input);
    expect(result).toEqual({ output: { body: { n: 1 }, at: '1970-01-01T00:00:00.000Z' } });
  });

  it('fails once its time is over, also where the time is nothing', async () => {
    const rig = createStepRig({ kinds: [] });
    const late = signalWait.run(rig.context({ state: { until: 0 } }), input);
    expect(await failureOf(late)).toMatchObject({ code: 'signal_not_received', classification: 'fatal' });
    expect(await failureOf(rig.run(signalWait, { key: 'x', within: {} }))).toMatchObject({ code: 'signal_not_received' });
  });
});
