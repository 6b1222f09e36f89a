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
    ['DELETE', 'DECLINED', 'ready', 'ready'],
    ['DAY-2', 'SUCCEEDED', 'unchanged', 'unchanged'],
    ['DAY-2', 'FAILED', 'unchanged', 'unchanged'],
    ['DAY-2', 'CANCELLED', 'unchanged', 'unchanged'],
    ['DAY-2', 'DECLINED', 'unchanged', 'unchanged'],
  ])('%s %s: %s, and %s while something stands', (operation, status, clean, standing) => {
    expect(entityAfterRun({ operation, status, standing: false })).toBe(clean);
    expect(entityAfterRun({ operation, status, standing: true })).toBe(standing);
  });
});
