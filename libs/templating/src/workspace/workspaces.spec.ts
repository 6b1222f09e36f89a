import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { digestOf, pack } from './archive.js';
import type { ArchiveStore } from './archive-store.js';
import { removeTemporaryFolders, temporaryFolder } from '../testing/temporary-folder.js';
import { createWorkspaces } from './workspaces.js';

afterEach(removeTemporaryFolders);

class MemoryArchiveStore implements ArchiveStore {
  readonly archives = new Map<string, Uint8Array>();
  reads = 0;

  put(digest: string, bytes: Uint8Array): Promise<void> {
    this.archives.set(digest, bytes);
    return Promise.resolve();
  }

  get(digest: string): Promise<Uint8Array | null> {
    this.reads += 1;
    return Promise.resolve(this.archives.get(digest) ?? null);
  }
}

async function setup() {
  const store = new MemoryArchiveStore();
  const template = await pack(await temporaryFolder({ 'make/template.yaml': 'x', 'skeleton/run.sh': { executable: 'y' } }));
  await store.put(template.digest, template.bytes);
  const base = join(await temporaryFolder(), 'base');
  return {
    store,
    base,
    workspaces: createWorkspaces(store, base),
    run: { id: 'r_1', templateDigest: template.digest, workspaceDigest: null },
  };
}

it('opens an empty workspace beside a read-only template', async () => {
  const { workspaces, run } = await setup();
  const open = await workspaces.open(run);
  expect(await readdir(open.workspace)).toEqual([]);
  expect(await readFile(join(open.template, 'make/template.yaml'), 'utf8')).toBe('x');
  expect((await stat(join(open.template, 'skeleton/run.sh'))).mode & 0o777).toBe(0o555);
});

it('lets another worker go on from a checkpoint', async () => {
  const { store, workspaces, run } = await setup();
  const first = await workspaces.open(run);
  await writeFile(join(first.workspace, 'a.txt'), 'a');
  const workspaceDigest = await first.checkpoint(null);
  await first.close();
  const other = createWorkspaces(store, await temporaryFolder());
  const second = await other.open({ ...run, workspaceDigest });
  expect(await readFile(join(second.workspace, 'a.txt'), 'utf8')).toBe('a');
  expect(await second.checkpoint(null)).toBe(workspaceDigest);
});

it('forgets the local copy, and only that', async () => {
  const { base, workspaces, run } = await setup();
  const one = await workspaces.open(run);
  const other = await workspaces.open({ ...run, id: 'r_2' });
  await one.close();
  expect(await readdir(join(base, 'runs'))).toHaveLength(1);
  expect(await readdir(other.workspace)).toEqual([]);
});

it('unpacks a template once for all runs that open it, at the same time or later', async () => {
  const { store, base, workspaces, run } = await setup();
  const opened = await Promise.all(Array.from({ length: 8 }, (_, index) => workspaces.open({ ...run, id: `r_${index}` })));
  await createWorkspaces(store, base).open(run);
  expect(new Set(opened.map((open) => open.template)).size).toBe(1);
  expect(store.reads).toBe(1);
  expect(await readdir(join(base, 'templates'))).toEqual([run.templateDigest]);
});

it('lets several processes unpack the same template at once', async () => {
  const { store, base, run } = await setup();
  const opened = await Promise.all(Array.from({ length: 4 }, () => createWorkspaces(store, base).open(run)));
  expect(new Set(opened.map((open) => open.template)).size).toBe(1);
  expect(await readdir(join(base, 'templates'))).toEqual([run.templateDigest]);
});

it.each([
  ['is not there', 'f'.repeat(64), 'archive_missing'],
  ['is no digest', '../../etc', 'archive_refused'],
])('says so when a template %s', async (_, templateDigest, code) => {
  const { workspaces, run } = await setup();
  await expect(workspaces.open({ ...run, templateDigest })).rejects.toMatchObject({ code, classification: 'fatal' });
});

it('does not take an archive that is not what its digest says', async () => {
  const { store, base, workspaces, run } = await setup();
  const digest = digestOf(Buffer.from('other'));
  await store.put(digest, store.archives.get(run.templateDigest)!);
  await expect(workspaces.open({ ...run, workspaceDigest: digest })).rejects.toMatchObject({ code: 'archive_damaged' });
  expect(await readdir(join(base, 'runs'))).toEqual([]);
});

it.each([
  ['a file', 'a.txt', 'token: hunter2'],
  ['a file deep inside', 'a/b/c.bin', Buffer.concat([Buffer.from([0, 255, 7]), Buffer.from('hunter2')])],
  ['the name of a file', 'hunter2.txt', ''],
])('stores no checkpoint where %s holds a secret', async (_, name, content) => {
  const { store, workspaces, run } = await setup();
  const open = await workspaces.open(run);
  await mkdir(dirname(join(open.workspace, name)), { recursive: true });
  await writeFile(join(open.workspace, name), content);
  await expect(open.checkpoint((text) => text.includes('hunter2'))).rejects.toMatchObject({ code: 'secret_in_files', classification: 'fatal' });
  expect(store.archives.size).toBe(1);
  await expect(open.checkpoint((text) => text.includes('another'))).resolves.toMatch(/^[0-9a-f]{64}$/);
});
