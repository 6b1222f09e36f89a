import { remembering } from './remember.js';

test('those who ask at once and those who ask later get one answer', async () => {
  const remember = remembering<number>(10);
  let asked = 0;
  const ask = async () => (asked += 1);
  expect(await Promise.all([remember('a', ask), remember('a', ask)])).toEqual([1, 1]);
  expect(await remember('a', ask)).toBe(1);
  expect(await remember('b', ask)).toBe(2);
});

test('a failure is forgotten, and so is what was not asked for longest', async () => {
  const remember = remembering<string>(2);
  await expect(remember('a', () => Promise.reject(new Error('gone')))).rejects.toThrow('gone');
  expect(await remember('a', async () => 'here')).toBe('here');
  await remember('b', async () => 'b');
  await remember('a', async () => 'again');
  await remember('c', async () => 'c');
  expect(await remember('a', async () => 'again')).toBe('here');
  expect(await remember('b', async () => 'anew')).toBe('anew');
});
