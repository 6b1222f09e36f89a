import { once } from 'node:events';
import { type FSWatcher, existsSync, watch } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { createStepRig } from '@slipway/engine/testing';
import { GitMissing, withGit } from './git.js';

const remote = { url: 'http://127.0.0.1:9/acme/shop.git', token: 'ghp_secret' };
const context = createStepRig({ kinds: [] }).context();

/** The process that starts git. */
const parentOfGit = () => withGit(context, remote, (git) => git.run(['-c', 'alias.parent=!ps -o ppid= -p $PPID', 'parent']));

it('tells a worker without git from a git that failed', async () => {
  const { PATH } = process.env;
  process.env['PATH'] = import.meta.dirname;
  try {
    await expect(withGit(context, remote, (git) => git.run(['init']))).rejects.toBeInstanceOf(GitMissing);
  } finally {
    process.env['PATH'] = PATH;
  }
});

it('says what git said, without the token', async () => {
  const running = withGit(context, remote, (git) => git.run(['no-such-command', 'ghp_secret']));
  await expect(running).rejects.toMatchObject({ name: 'GitFailed', command: 'no-such-command', stopped: false });
  await expect(withGit(context, remote, (git) => git.run(['ghp_secret']))).rejects.toMatchObject({
    said: expect.stringContaining("'[secret]' is not a git command"),
  });
});

it('starts git in a process that another takes the place of when it ends', async () => {
  const first = Number(await parentOfGit());
  expect(first).not.toBe(process.pid);
  expect(Number(await parentOfGit())).toBe(first);
  const waiting = withGit(context, remote, (git) => git.run(['-c', `alias.end=!kill -9 ${first}`, 'end']));
  await expect(waiting).rejects.toMatchObject({ name: 'GitFailed', stopped: true });
  expect(Number(await parentOfGit())).not.toBe(first);
});

it('leaves nothing behind, however it ended', async () => {
  const places: string[] = [];
  const use = (args: string[]) =>
    withGit(context, remote, async (git) => {
      places.push(git.folder);
      await git.run(args);
    });
  await use(['version']);
  await expect(use(['no-such-command'])).rejects.toThrow();
  expect(places.map((place) => existsSync(place))).toEqual([false, false]);
});

it('keeps what git did, and leaves nothing behind, where the process that starts it ends right after', async () => {
  const starter = Number(await parentOfGit());
  const place = await withGit(context, remote, async (git) => {
    await git.run(['version']);
    process.kill(starter, 'SIGKILL');
    return git.folder;
  });
  expect(existsSync(place)).toBe(false);
});

describe('a git that nobody waits for any more', () => {
  let folder: string;
  let watcher: FSWatcher;
  let hanging: number | null = null;

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'slipway-git-spec-'));
    watcher = watch(folder);
  });
  // Where it was not stopped, this test has failed, and this process would wait for it.
  afterEach(async () => {
    if (hanging !== null && isThere(hanging)) process.kill(hanging, 'SIGKILL');
    watcher.close();
    await rm(folder, { recursive: true });
  });

  it('is stopped, with what it started, and none begins', async () => {
    const calls = new AbortController();
    const stoppable = createStepRig({ kinds: [] }).context({ signal: calls.signal });
    const begun = once(watcher, 'change');
    const running = withGit(stoppable, remote, (git) => git.run(['-c', `alias.hang=!mkdir ${folder}/$$; exec sleep 600`, 'hang']));
    const [, processId] = (await Promise.race([begun, running.then(() => [])])) as string[];
    hanging = Number(processId);
    calls.abort();
    await expect(running).rejects.toMatchObject({ name: 'GitFailed', command: '-c', stopped: true });
    await untilGone(hanging);
    await expect(withGit(stoppable, remote, (git) => git.run(['version']))).rejects.toMatchObject({ stopped: true });
  }, 20_000);
});

/** One that was killed is there until whoever inherits it has noticed. */
async function untilGone(processId: number): Promise<void> {
  while (isThere(processId)) await pause(20);
}

function isThere(processId: number): boolean {
  try {
    return process.kill(processId, 0);
  } catch {
    return false;
  }
}
