import { fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { temporaryHome } from '../run/fixtures/temporary-home.mjs';
import { withSetupLock } from './setup-lock.mjs';

const takeLock = path.join(import.meta.dirname, '../run/fixtures/take-lock.mjs');

describe('the set-up of a checkout', () => {
  it('waits until that of another command is over, and not until the command is', async () => {
    const place = temporaryHome();
    const other = fork(takeLock, [place.home]);
    await once(other, 'message');
    let begun = false;
    const ours = withSetupLock(() => { begun = true; }, place.home);
    expect(begun).toBe(false);
    other.send('release');
    await ours;
    expect(begun).toBe(true);
    expect(other.exitCode).toBe(null);
    other.kill();
    await once(other, 'exit');
    place.remove();
  });
});
