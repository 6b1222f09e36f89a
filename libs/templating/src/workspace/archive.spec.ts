import { randomBytes } from 'node:crypto';
import { chmod, lstat, readFile, readdir, readlink, truncate, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { Header } from 'tar';
import { archiveLimits, digestOf, pack, unpack } from './archive.js';
import { removeTemporaryFolders, temporaryFolder } from '../testing/temporary-folder.js';

afterEach(removeTemporaryFolders);

const long = `${'folder/'.repeat(20)}file-with-ü.txt`;
const tree = {
  'b.txt': 'b',
  'a/run.sh': { executable: '#!/bin/sh\n' },
  'a/bin': new Uint8Array([0, 255, 1]),
  [long]: 'long',
  link: { link: 'a/run.sh' },
};

it('gives the same bytes for the same tree, whatever its times, umask and order of creation', async () => {
  const one = await temporaryFolder(tree);
  const other = await temporaryFolder(Object.fromEntries(Object.entries(tree).reverse()));
  await utimes(join(other, 'b.txt'), 1, 1);
  await chmod(join(other, 'b.txt'), 0o600);
  await chmod(join(other, 'a/run.sh'), 0o700);
  expect((await pack(one)).digest).toBe((await pack(other)).digest);
});

it.each([
  ['a content', { 'b.txt': 'B' }],
  ['a name', { 'c.txt': 'b' }],
  ['the right to execute', { 'b.txt': { executable: 'b' } }],
])('gives another digest for another %s', async (_, change) => {
  const before = await pack(await temporaryFolder({ 'b.txt': 'b' }));
  expect((await pack(await temporaryFolder(change))).digest).not.toBe(before.digest);
});

it('brings everything back', async () => {
  const { bytes, digest } = await pack(await temporaryFolder(tree));
  expect(digestOf(bytes)).toBe(digest);
  const to = join(await temporaryFolder(), 'new');
  await unpack(bytes, to);
  expect(await readFile(join(to, long), 'utf8')).toBe('long');
  expect(await readFile(join(to, 'a/bin'))).toEqual(Buffer.from([0, 255, 1]));
  expect(await readlink(join(to, 'link'))).toBe('a/run.sh');
  expect((await lstat(join(to, 'a/run.sh'))).mode & 0o111).not.toBe(0);
  expect((await lstat(join(to, 'b.txt'))).mode & 0o111).toBe(0);
});

it('brings back an empty folder of folders too, and an empty tree', async () => {
  const folder = await temporaryFolder();
  const to = await temporaryFolder();
  await unpack((await pack(folder, { emptyFolders: true })).bytes, to);
  expect(await readdir(to)).toEqual([]);
});

it('leaves out what is to be ignored', async () => {
  const folder = await temporaryFolder({ 'a.txt': '', 'x/__pycache__/y.pyc': '' });
  const to = await temporaryFolder();
  await unpack((await pack(folder, { ignore: (name) => name === '__pycache__' })).bytes, to);
  expect(await readdir(to, { recursive: true })).toEqual(['a.txt']);
});

describe('what is too large', () => {
  const megabyte = 1024 * 1024;
  const both = /64 MB packed, and hold 256 MB/;

  it('is told by what is stored: files of more than 64 MB that pack well go there and back', async () => {
    const folder = await temporaryFolder({ 'large.txt': '' });
    await truncate(join(folder, 'large.txt'), 65 * megabyte);
    const { bytes } = await pack(folder);
    const to = await temporaryFolder();
    await unpack(bytes, to);
    expect((await lstat(join(to, 'large.txt'))).size).toBe(65 * megabyte);
  });

  it('is refused when it packs badly, with both bounds', async () => {
    const folder = await temporaryFolder({ 'random.bin': randomBytes(65 * megabyte) });
    await expect(pack(folder)).rejects.toMatchObject({ code: 'archive_too_large', message: expect.stringMatching(both) });
    await expect(unpack(Buffer.alloc(archiveLimits.packed + 1), await temporaryFolder())).rejects.toMatchObject({ code: 'archive_too_large' });
  });

  it('is refused however well it packs, with both bounds', async () => {
    const folder = await temporaryFolder({ 'large.txt': '' });
    await truncate(join(folder, 'large.txt'), archiveLimits.content + 1);
    await expect(pack(folder)).rejects.toMatchObject({ code: 'archive_too_large', message: expect.stringMatching(both) });
  });
});

describe('hostile archives', () => {
  it.each<[string, ConstructorParameters<typeof Header>[0][]]>([
    ['a way up', [{ path: '../out.txt', type: 'File' }]],
    ['a way up in the middle', [{ path: 'a/../../out.txt', type: 'File' }]],
    ['an absolute path', [{ path: '/tmp/slipway-out.txt', type: 'File' }]],
    ['a link to an absolute path', [{ path: 'l', type: 'SymbolicLink', linkpath: '/etc' }]],
    ['a link that leads out', [{ path: 'a/l', type: 'SymbolicLink', linkpath: '../../etc' }]],
    [
      'a file below a link',
      [
        { path: 'l', type: 'SymbolicLink', linkpath: '.' },
        { path: 'l/out.txt', type: 'File' },
      ],
    ],
    ['a hard link', [{ path: 'h', type: 'Link', linkpath: 'b.txt' }]],
    ['a device', [{ path: 'd', type: 'CharacterDevice' }]],
    ['a pipe', [{ path: 'p', type: 'FIFO' }]],
  ])('%s is refused before anything is written', async (_, headers) => {
    const parent = await temporaryFolder();
    const to = join(parent, 'in');
    await expect(unpack(tarOf([{ path: 'ok.txt', type: 'File' }, ...headers]), to)).rejects.toMatchObject({
      code: 'archive_refused',
    });
    expect(await readdir(parent)).toEqual([]);
  });

  it('a bomb is refused', async () => {
    const bomb = gzipSync(Buffer.alloc(archiveLimits.content + archiveLimits.entries * 1024 + 1), { level: 1 });
    await expect(unpack(bomb, await temporaryFolder())).rejects.toMatchObject({ code: 'archive_too_large' });
  });

  it('too many entries are refused', async () => {
    const many = tarOf(
      Array.from({ length: archiveLimits.entries + 1 }, (_, index) => ({ path: `f${index}`, type: 'File' as const })),
    );
    await expect(unpack(many, await temporaryFolder())).rejects.toMatchObject({ code: 'archive_too_large' });
  });

  it('damage is named', async () => {
    const { bytes } = await pack(await temporaryFolder(tree));
    await expect(unpack(Buffer.from('no gzip'), await temporaryFolder())).rejects.toMatchObject({ code: 'archive_damaged' });
    await expect(unpack(bytes.subarray(0, bytes.length / 2), await temporaryFolder())).rejects.toMatchObject({
      code: 'archive_damaged',
    });
    expect(gunzipSync(bytes).length).toBeGreaterThan(0);
  });
});

function tarOf(headers: ConstructorParameters<typeof Header>[0][]): Buffer {
  const blocks = headers.map((data) => {
    const header = new Header({ mode: 0o644, size: 0, mtime: new Date(0), ...(data as object) });
    header.encode();
    return header.block as Buffer;
  });
  return gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)]));
}
