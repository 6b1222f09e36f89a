import { expiryMs, TokenKeeper } from './token.js';

describe('expiryMs', () => {
  it.each([
    ['2026-11-21T23:00:00Z', Date.UTC(2026, 10, 21, 23)],
    ['2026-11-21 23:00:00 +0000 UTC', Date.UTC(2026, 10, 21, 23)],
    ['1795302000', 1_795_302_000_000],
    ['in a while', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('%s', (expiration, expected) => {
    expect(expiryMs(expiration)).toBe(expected);
  });
});

describe('TokenKeeper', () => {
  function setup(lifeMs = 3_600_000) {
    let now = Date.UTC(2026, 0, 1);
    let logins = 0;
    const keeper = new TokenKeeper(
      () => {
        logins += 1;
        return Promise.resolve({ token: `t-${logins}`, expiration: new Date(now + lifeMs).toISOString() });
      },
      () => now,
    );
    return { keeper, pass: (ms: number) => (now += ms), logins: () => logins };
  }

  it('logs in once however many ask, and again shortly before the token expires', async () => {
    const { keeper, pass, logins } = setup();
    expect(await Promise.all([keeper.get(), keeper.get(), keeper.get()])).toEqual(['t-1', 't-1', 't-1']);
    pass(3_600_000 - 31_000);
    expect(await keeper.get()).toBe('t-1');
    pass(2_000);
    expect(await keeper.get()).toBe('t-2');
    expect(logins()).toBe(2);
  });

  it('forgets the token that was found invalid, and not the one that took its place', async () => {
    const { keeper } = setup();
    const first = await keeper.get();
    keeper.forget(first);
    expect(await keeper.get()).toBe('t-2');
    keeper.forget(first);
    expect(await keeper.get()).toBe('t-2');
  });

  it('tries again after a login that failed', async () => {
    let works = false;
    const keeper = new TokenKeeper(() => (works ? Promise.resolve({ token: 't' }) : Promise.reject(new Error('down'))));
    await expect(keeper.get()).rejects.toThrow('down');
    works = true;
    expect(await keeper.get()).toBe('t');
  });
});
