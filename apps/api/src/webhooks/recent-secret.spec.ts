import { RecentSecret } from './recent-secret.js';

describe('RecentSecret', () => {
  let stored: string;
  let looks: number;
  beforeEach(() => {
    stored = 'first';
    looks = 0;
  });

  const secretFor = (forMs: number): RecentSecret =>
    new RecentSecret(
      async () => {
        looks += 1;
        if (stored === '') throw new Error('It cannot be read.');
        return stored;
      },
      { forMs },
    );
  const is = (expected: string) => (value: string) => value === expected;

  it('is looked up once for many who ask', async () => {
    const secret = secretFor(60_000);
    expect(await secret.fits(is('first'))).toBe(true);
    expect(await Promise.all(Array.from({ length: 20 }, () => secret.fits(is('first'))))).not.toContain(false);
    expect(looks).toBe(1);
  });

  it('counts at once when it was changed', async () => {
    const secret = secretFor(60_000);
    await secret.fits(is('first'));
    stored = 'second';
    expect(await secret.fits(is('second'))).toBe(true);
    expect(await secret.fits(is('first'))).toBe(false);
  });

  it('does not count any more once its time is over', async () => {
    const secret = secretFor(0);
    await secret.fits(is('first'));
    stored = 'second';
    expect(await secret.fits(is('first'))).toBe(false);
  });

  it('tells whoever asks why it could not be read, and is looked up again for the next', async () => {
    const secret = secretFor(60_000);
    stored = '';
    await expect(secret.fits(is('first'))).rejects.toThrow('It cannot be read.');
    stored = 'first';
    expect(await secret.fits(is('first'))).toBe(true);
  });
});
