import { type EntityAfterRun, type EndedRun, entityAfterRun } from './entity-after-run.js';

describe('entityAfterRun', () => {
  it.each<[EndedRun['operation'], EndedRun['status'], EntityAfterRun, EntityAfterRun]>([
    // operation, status, with nothing standing, with something standing
    ['CREATE', 'SUCCEEDED', 'ready', 'ready'],
    ['CREATE', 'FAILED', 'failed', 'failed'],
    ['CREATE', 'CANCELLED', 'failed', 'failed'],
    ['CREATE', 'DECLINED', 'failed', 'failed'],
    ['DELETE', 'SUCCEEDED', 'removed', 'failed'],
    ['DELETE', 'FAILED', 'failed', 'failed'],
    ['DELETE', 'CANCELLED', 'failed', 'failed'],
    ['DAY-2', 'SUCCEEDED', 'unchanged', 'unchanged'],
    ['DAY-2', 'FAILED', 'unchanged', 'unchanged'],
    ['DAY-2', 'CANCELLED', 'unchanged', 'unchanged'],
    ['DAY-2', 'DECLINED', 'unchanged', 'unchanged'],
  ])('%s %s: %s, and %s while something stands', (operation, status, clean, standing) => {
    expect(entityAfterRun({ operation, status, standing: false, begun: true })).toBe(clean);
    expect(entityAfterRun({ operation, status, standing: true, begun: true })).toBe(standing);
  });

  it.each(['FAILED', 'CANCELLED', 'DECLINED'] as const)('a DELETE that never began leaves it as it was: %s', (status) => {
    expect(entityAfterRun({ operation: 'DELETE', status, standing: true, begun: false })).toBe('as_before');
  });
});
