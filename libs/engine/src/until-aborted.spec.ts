import { untilAborted } from './until-aborted.js';

const never = new Promise<never>(() => undefined);

describe('untilAborted', () => {
  it('gives the outcome of the work, good or bad', async () => {
    const { signal } = new AbortController();
    expect(await untilAborted(Promise.resolve(1), signal)).toBe(1);
    expect(await untilAborted(Promise.resolve(2), undefined)).toBe(2);
    await expect(untilAborted(Promise.reject(new Error('bad')), signal)).rejects.toThrow('bad');
  });

  it('does not wait for work that hangs', async () => {
    const controller = new AbortController();
    const waiting = untilAborted(never, controller.signal);
    controller.abort(new Error('cancelled'));
    await expect(waiting).rejects.toThrow('cancelled');
  });

  it('prefers the reason where the signal was aborted before, whatever becomes of the work', async () => {
    const aborted = AbortSignal.abort(new Error('cancelled'));
    await expect(untilAborted(Promise.resolve(1), aborted)).rejects.toThrow('cancelled');
    await expect(untilAborted(Promise.reject(new Error('bad')), aborted)).rejects.toThrow('cancelled');
  });
});
