import { mkdir, readdir, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { removeStaleWorkspaces } from './remove-stale-workspaces.js';
import { removeTemporaryFolders, temporaryFolder } from '../testing/temporary-folder.js';

afterEach(removeTemporaryFolders);

const hour = 3_600_000;

it('removes the working copies nobody opened for long, and leaves the others', async () => {
  const base = await temporaryFolder({ 'runs/r_old-1/workspace/a.txt': 'a', 'runs/r_new-2/workspace/b.txt': 'b' });
  await mkdir(join(base, 'templates'));
  const now = new Date();
  await utimes(join(base, 'runs/r_old-1'), now, new Date(now.getTime() - 2 * hour));
  expect(await removeStaleWorkspaces(base, hour, now)).toBe(1);
  expect(await readdir(join(base, 'runs'))).toEqual(['r_new-2']);
  expect(await readdir(base)).toContain('templates');
});

it('has nothing to do where no run ever was', async () => {
  expect(await removeStaleWorkspaces(join(await temporaryFolder(), 'none'), hour)).toBe(0);
});
