import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { temporaryHome, until } from './fixtures/temporary-home.mjs';
import { Instance } from './instance.mjs';
import { identify, isAlive } from './process-identity.mjs';

const holdFolder = path.join(import.meta.dirname, 'fixtures/hold-folder.mjs');

describe('an instance on a data folder', () => {
  let place;
  let holder;
  beforeEach(() => { place = temporaryHome(); });
  afterEach(async () => {
    if (holder && holder.exitCode === null && holder.signalCode === null) {
      holder.kill('SIGKILL');
      await once(holder, 'exit');
    }
    const last = await Instance.open(place.home);
    await last.close();
    place.remove();
  });

  async function startHolder(env = {}) {
    holder = fork(holdFolder, [place.home], { env: { ...process.env, SLIPWAY_LAUNCHER: '', npm_lifecycle_event: '', ...env } });
    const [message] = await once(holder, 'message');
    return message;
  }

  it('refuses a second one by name', async () => {
    await startHolder();
    await expect(Instance.open(place.home)).rejects.toMatchObject({
      code: 'ALREADY_RUNNING',
      message: expect.stringMatching(new RegExp(`process ${holder.pid}, folder ${place.home}, http://127.0.0.1:3999`)),
    });
  });

  it('repairs what a killed one left: its programs and its demo.json', async () => {
    const { sleeper } = await startHolder();
    const left = identify(sleeper);
    const demoFile = path.join(place.home, 'demo.json');
    writeFileSync(demoFile, '{}');
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    expect(isAlive(left)).toBe(true);
    const instance = await Instance.open(place.home);
    expect(isAlive(left)).toBe(false);
    expect(existsSync(demoFile)).toBe(false);
    await instance.close();
  });

  it('ends one whose npm was killed, and takes over', async () => {
    const npm = fork(path.join(import.meta.dirname, 'fixtures/stand-in.mjs'));
    await once(npm, 'message');
    const { pid, start } = identify(npm.pid);
    const { sleeper } = await startHolder({ SLIPWAY_LAUNCHER: `${pid}:${start}` });
    const left = identify(sleeper);
    npm.kill('SIGKILL');
    await once(npm, 'exit');
    const instance = await Instance.open(place.home);
    await until(() => holder.exitCode !== null || holder.signalCode !== null);
    expect(isAlive(left)).toBe(false);
    await instance.close();
  });
});
