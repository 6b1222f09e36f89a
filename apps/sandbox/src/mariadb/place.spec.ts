import { chmod, mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { choosePlace } from './place.js';

/** Another user than ours; nothing is run as it. */
const OTHER = { name: 'nobody', uid: 65_534, gid: 65_534 };
const asRoot = process.getuid?.() === 0 ? test : test.skip;

let folder: string;
let home: string;
const place = () => choosePlace(home, OTHER, join(folder, 'elsewhere'));

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-place-'));
  await chmod(folder, 0o711);
  home = await makeHome('home');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('we run it ourselves: it lies in the home', async () => {
  expect((await choosePlace(home, undefined)).folder).toBe(join(home, 'mariadb', 'server'));
});

asRoot('in a home that the other user may enter', async () => {
  await chmod(home, 0o711);
  expect((await place()).folder).toBe(join(home, 'mariadb', 'server'));
});

asRoot('a closed home finds its databases again, wherever it is moved', async () => {
  const first = (await place()).folder;
  expect(dirname(dirname(first))).toBe(join(folder, 'elsewhere'));
  await rename(home, join(folder, 'moved'));
  home = join(folder, 'moved');
  expect((await place()).folder).toBe(first);
  expect(await readFile(join(dirname(first), 'home'), 'utf8')).toBe(`${home}\n`);
});

asRoot('a closed home made anew at the same path does not find those of the old', async () => {
  const first = (await place()).folder;
  await rm(home, { recursive: true });
  home = await makeHome('home');
  expect((await place()).folder).not.toBe(first);
});

async function makeHome(name: string): Promise<string> {
  const made = join(folder, name);
  await mkdir(made, { mode: 0o700 });
  return made;
}
