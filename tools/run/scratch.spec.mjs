import { existsSync, lstatSync, mkdtempSync, readlinkSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { temporaryHome } from './fixtures/temporary-home.mjs';
import { withScratch } from './scratch.mjs';

describe('a folder for what need not last', () => {
  let place;
  beforeEach(() => { place = temporaryHome(0o711); });
  afterEach(() => place.remove());

  const scratch = (work, room = 0) => withScratch(place.home, room, work);

  it('is there while it is worked with, for other accounts to enter but not to list, and then gone', async () => {
    const used = await scratch((folder) => {
      writeFileSync(path.join(folder, 'file'), '');
      expect(statSync(folder).mode & 0o777).toBe(0o711);
      return folder;
    });
    expect(existsSync(used)).toBe(false);
    expect(lstatSync(path.join(place.home, 'scratch'), { throwIfNoEntry: false })).toBeUndefined();
  });

  it('goes where the work failed, too', async () => {
    let used;
    await expect(scratch((folder) => { used = folder; throw new Error('it failed'); })).rejects.toThrow('it failed');
    expect(existsSync(used)).toBe(false);
  });

  it('lies among the temporary files where memory has no room for it', () =>
    scratch((folder) => expect(path.dirname(folder)).toBe(tmpdir()), Infinity));

  it('takes away what a killed process left, and nothing that is not such a folder', async () => {
    const link = path.join(place.home, 'scratch');
    const left = mkdtempSync(path.join(tmpdir(), 'slipway-scratch-'));
    symlinkSync(left, link);
    await scratch((folder) => expect(readlinkSync(link)).toBe(folder));
    expect(existsSync(left)).toBe(false);

    const other = path.join(place.home, 'other');
    writeFileSync(other, '');
    symlinkSync(other, link);
    await scratch(() => undefined);
    expect(existsSync(other)).toBe(true);
  });
});
