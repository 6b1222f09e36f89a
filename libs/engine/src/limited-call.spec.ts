import { LimitedCall } from './limited-call.js';

describe('a call of limited time', () => {
  it('is aborted with the signal it follows, also with one that was aborted before', () => {
    const outer = new AbortController();
    const call = new LimitedCall(outer.signal, 60_000);
    expect(call.signal.aborted).toBe(false);
    outer.abort(new Error('cancelled'));
    expect(call.signal.reason).toEqual(new Error('cancelled'));
    expect(call.isOverdue).toBe(false);
    expect(new LimitedCall(outer.signal, 60_000).signal.reason).toEqual(new Error('cancelled'));
  });

  it('is aborted when its time is over, as `AbortSignal.timeout` is', async () => {
    const call = new LimitedCall(new AbortController().signal, 1);
    await new Promise((resolve) => call.signal.addEventListener('abort', resolve));
    expect(call.signal.reason).toMatchObject({ name: 'TimeoutError' });
    expect(call.isOverdue).toBe(true);
  });

  it('follows nothing any more once it is released', () => {
    const outer = new AbortController();
    const call = new LimitedCall(outer.signal, 60_000);
    call.release();
    outer.abort();
    expect(call.signal.aborted).toBe(false);
  });
});
