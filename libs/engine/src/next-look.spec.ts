import { nextLookMs } from './next-look.js';

describe('the next look', () => {
  const startedAt = new Date('2026-01-01T00:00:00Z');
  it.each([
    [0, 100],
    [500, 100],
    [8_000, 800],
    [30_000, 3_000],
    [3_600_000, 5_000],
  ])('of one who has waited %d ms is %d ms away', (waitedMs, expected) => {
    const clock = { now: () => new Date(startedAt.getTime() + waitedMs), sleep: () => Promise.resolve() };
    expect(nextLookMs({ clock, startedAt })).toBe(expected);
  });
});
