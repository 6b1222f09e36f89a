import { rmSync } from 'node:fs';
import path from 'node:path';
import { stampFolder } from './folders.mjs';
import { unlessStamped } from './stamp.mjs';

describe('work with a stamp', () => {
  const name = `spec-${process.pid}`;
  afterEach(() => rmSync(path.join(stampFolder, `${name}.stamp`), { force: true }));

  it('is done once, and again when its fingerprint changes', async () => {
    let done = 0;
    const work = () => { done += 1; };
    expect(await unlessStamped(name, () => 'a', work)).toBe(true);
    expect(await unlessStamped(name, () => 'a', work)).toBe(false);
    expect(await unlessStamped(name, () => 'b', work)).toBe(true);
    expect(done).toBe(2);
  });

  it('is done again after it did not finish', async () => {
    await unlessStamped(name, () => 'a', () => {});
    const interrupted = unlessStamped(name, () => 'b', () => { throw new Error('killed'); });
    await expect(interrupted).rejects.toThrow('killed');
    expect(await unlessStamped(name, () => 'a', () => {})).toBe(true);
  });
});
