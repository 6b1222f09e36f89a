import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { jest } from '@jest/globals';
import { freshHome } from './fresh-home.js';

// The whole product starts, does its main job and stops.
jest.setTimeout(180_000);

const root = path.join(import.meta.dirname, '../..');

it('the first command of the README makes a service, tries what it made, and says so', async () => {
  const { home, env } = await freshHome();
  try {
    const { status, output } = await demo(env);
    expect(output).toMatch(/Clone .* commit [0-9a-f]{7}: \d+ files, deploy\/deployment\.yaml among them/);
    expect(output).toMatch(/Database .* may use shop\w{4} and nothing else, for 60 min \(returned at once\)/);
    expect(output).toMatch(/Argo CD .* Synced and Healthy at that commit/);
    expect(output).toMatch(/The run succeeded, every link was tried, and everything is stopped\.\n$/);
    expect(status).toBe(0);
  } finally {
    await rm(home, { recursive: true, force: true });
  }
});

/** What it printed, however it ended; told to end itself where it takes too long. */
function demo(env: NodeJS.ProcessEnv): Promise<{ status: unknown; output: string }> {
  return new Promise((resolve) => {
    const args = [path.join(root, 'tools/slipway.mjs'), 'demo', '--exit'];
    execFile(process.execPath, args, { cwd: root, env, timeout: 165_000 }, (error, stdout, stderr) => resolve({ status: error ? error.code : 0, output: `${stderr}${stdout}` }));
  });
}
