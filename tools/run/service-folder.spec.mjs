import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { temporaryHome } from './fixtures/temporary-home.mjs';
import { serviceAccount } from './service-account.mjs';
import { serviceFolder } from './service-folder.mjs';

// Only root has a service account.
const asRoot = serviceAccount() ? describe : describe.skip;

asRoot('the folder of programs that run as the service account', () => {
  const account = serviceAccount();
  let place;
  let elsewhere = [];
  beforeEach(() => { place = temporaryHome(0o700); });
  afterEach(() => {
    for (const folder of elsewhere) rmSync(folder, { recursive: true, force: true });
    elsewhere = [];
    place.remove();
  });

  function find(home) {
    const folder = serviceFolder(home, account);
    if (folder !== home) elsewhere.push(folder);
    return folder;
  }

  it('is the data folder where the account may pass through', () => {
    chmodSync(place.home, 0o711);
    expect(find(place.home)).toBe(place.home);
    expect(existsSync(path.join(place.home, 'service-folder'))).toBe(false);
  });

  it('lies elsewhere where it may not, says for whom, and stays there when the data folder is opened or moved', () => {
    const home = path.join(place.home, 'first');
    mkdirSync(home);
    const folder = find(home);
    expect(folder).toMatch(/^\/var\/lib\/slipway\/[0-9a-f]{16}$/);
    expect(readFileSync(path.join(folder, 'home'), 'utf8')).toBe(`${home}\n`);
    chmodSync(place.home, 0o755);
    expect(find(home)).toBe(folder);
    const moved = path.join(place.home, 'second');
    renameSync(home, moved);
    expect(find(moved)).toBe(folder);
    expect(readFileSync(path.join(folder, 'home'), 'utf8')).toBe(`${moved}\n`);
  });

  it('is a new one after the data folder was deleted', () => {
    const home = path.join(place.home, 'first');
    mkdirSync(home);
    const folder = find(home);
    rmSync(home, { recursive: true });
    mkdirSync(home);
    expect(find(home)).not.toBe(folder);
  });
});
