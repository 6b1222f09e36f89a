import { fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { temporaryHome } from './fixtures/temporary-home.mjs';
import { tryLock } from './folder-lock.mjs';

const takeLock = path.join(import.meta.dirname, 'fixtures/take-lock.mjs');

describe('the lock of a folder', () => {
  let place;
  beforeEach(() => { place = temporaryHome(); });
  afterEach(() => place.remove());

  async function competitor() {
    const child = fork(takeLock, [place.home]);
    const [{ held }] = await once(child, 'message');
    return { child, held };
  }

  async function end({ child }, signal) {
    child.kill(signal);
    await once(child, 'exit');
  }

  it('names its holder to whoever comes second', async () => {
    const first = await competitor();
    expect(first.held).toBe(true);
    expect(tryLock(place.home)).toMatchObject({ held: false, holder: { pid: first.child.pid, url: 'http://127.0.0.1:3998' } });
    await end(first, 'SIGTERM');
  });

  it('does not survive the kill of its holder', async () => {
    await end(await competitor(), 'SIGKILL');
    expect(tryLock(place.home).held).toBe(true);
  });

  it('is free once released', () => {
    const lock = tryLock(place.home);
    expect(tryLock(place.home).held).toBe(false);
    lock.release();
    expect(tryLock(place.home).held).toBe(true);
  });

  it('goes to exactly one of several that find a dead holder', async () => {
    await end(await competitor(), 'SIGKILL');
    const competitors = await Promise.all(Array.from({ length: 6 }, competitor));
    expect(competitors.filter(({ held }) => held)).toHaveLength(1);
    await Promise.all(competitors.map((one) => end(one, 'SIGTERM')));
  });

  it('is not the lock of another process that got the same number', async () => {
    const { child } = await competitor();
    const { holder } = tryLock(place.home);
    await end({ child }, 'SIGKILL');
    expect(holder.start).not.toBe(undefined);
    expect(tryLock(place.home).held).toBe(true);
  });
});
