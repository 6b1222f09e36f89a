import { checkDependencies } from './dependencies.js';

it('each dependency is reported by name, without its driver’s words', async () => {
  const reports = await checkDependencies([
    { name: 'postgres', check: async () => undefined },
    { name: 'redis', check: () => Promise.reject(new Error('connect ECONNREFUSED 10.0.0.7 as user slipway')) },
  ]);
  expect(reports).toEqual({ postgres: { ok: true }, redis: { ok: false, message: expect.stringContaining('redis refuses') } });
  expect(JSON.stringify(reports)).not.toContain('10.0.0.7');
});

it('one that hangs is late, not waited for', async () => {
  const reports = await checkDependencies([{ name: 'redis', check: () => new Promise(() => undefined) }]);
  expect(reports['redis']).toEqual({ ok: false, message: expect.stringContaining('did not answer') });
});
