import { isRunId, newRunId } from './run-id.js';

describe('a run’s id', () => {
  it('is a valid Kubernetes label value', () => {
    const id = newRunId(new Date());
    expect(id).toMatch(/^[a-z0-9]([-a-z0-9_.]*[a-z0-9])?$/);
    expect(id.length).toBeLessThanOrEqual(63);
    expect(isRunId(id)).toBe(true);
  });

  it('sorts by time', () => {
    const ids = ['1970-01-01', '2026-11-21', '2026-11-21T00:00:00.001Z', '2100-01-01', '9999-12-31'].map((time) =>
      newRunId(new Date(time)),
    );
    expect([...ids].sort()).toEqual(ids);
  });

  it('is another one each time', () => {
    const now = new Date();
    expect(new Set(Array.from({ length: 10_000 }, () => newRunId(now))).size).toBe(10_000);
  });

  it.each([
    '',
    'r_',
    'r_0000000000000000000',
    'r_000000000000000000000',
    'r_0000000000000000000I',
    'R_00000000000000000000',
    'r_00000000000000000000\n',
  ])('is not %j', (text) => {
    expect(isRunId(text)).toBe(false);
  });
});
