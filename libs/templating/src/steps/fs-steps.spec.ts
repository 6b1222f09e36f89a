import { readdir, readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { StepDefinition } from '@slipway/engine';
import { createStepRig, exerciseStep, type StepScene } from '@slipway/engine/testing';
import { parse } from 'yaml';
import { removeTemporaryFolders, temporaryFolder } from '../testing/temporary-folder.js';
import { catalogWrite } from './catalog-write.js';
import { fsDelete } from './fs-delete.js';
import { fsReaddir } from './fs-readdir.js';
import { fsRename } from './fs-rename.js';

afterEach(removeTemporaryFolders);

const makesNothing = 'it reaches the workspace alone';
exerciseStep('fs:delete', () => sceneOf(fsDelete, { files: ['a.txt', 'b/**/*.txt'] }), { makesNothing });
exerciseStep('fs:readdir', () => sceneOf(fsReaddir, { paths: ['.'], recursive: true }), { makesNothing });
exerciseStep('fs:rename', () => sceneOf(fsRename, { files: [{ from: 'a.txt', to: 'b/c.txt', overwrite: true }, { from: 'b/d', to: 'd' }] }), { makesNothing });
exerciseStep('catalog:write', () => sceneOf(catalogWrite, { entity: { kind: 'Component', metadata: { name: 'shop' } } }), { makesNothing });

async function sceneOf(step: StepDefinition, input: Record<string, unknown>): Promise<StepScene> {
  const { workspace } = await setup();
  return { ...{ step, kinds: [], input, files: { workspace, template: workspace } }, count: () => Promise.resolve(0) };
}

async function setup() {
  const outside = await temporaryFolder({ 'theirs.txt': 'theirs' });
  const workspace = await temporaryFolder({ 'a.txt': 'a', 'b/c.txt': 'c', 'b/d/e.md': 'e', 'b/d/f.txt': 'f', 'odd[1].txt': 'o' });
  await symlink(outside, join(workspace, 'way'));
  const rig = createStepRig({ kinds: [], files: { workspace, template: workspace } });
  const twice = async (step: StepDefinition, input: unknown) => {
    const output = await rig.run(step, input);
    expect(await rig.run(step, input)).toEqual(output);
    return output;
  };
  const paths = async () => (await readdir(workspace, { recursive: true })).filter((path) => !path.startsWith('way/')).sort();
  return { outside, workspace, rig, twice, paths };
}

describe('fs:delete', () => {
  it.each<[string[], string[]]>([
    [['a.txt'], ['b', 'b/c.txt', 'b/d', 'b/d/e.md', 'b/d/f.txt', 'odd[1].txt', 'way']],
    [['b/d', 'none'], ['a.txt', 'b', 'b/c.txt', 'odd[1].txt', 'way']],
    [['**/*.txt'], ['b', 'b/d', 'b/d/e.md', 'way']],
    [['odd[1].txt'], ['a.txt', 'b', 'b/c.txt', 'b/d', 'b/d/e.md', 'b/d/f.txt', 'way']],
    [['way'], ['a.txt', 'b', 'b/c.txt', 'b/d', 'b/d/e.md', 'b/d/f.txt', 'odd[1].txt']],
  ])('%j leaves %j', async (files, left) => {
    const { twice, paths, outside } = await setup();
    await twice(fsDelete, { files });
    expect(await paths()).toEqual(left);
    expect(await readdir(outside)).toEqual(['theirs.txt']);
  });
});

describe('fs:rename', () => {
  it('renames files and folders, also into new ones, and again without harm', async () => {
    const { twice, paths } = await setup();
    await twice(fsRename, { files: [{ from: 'a.txt', to: 'new/deep/z.txt' }, { from: 'b/d', to: 'd' }] });
    expect(await paths()).toEqual(['b', 'b/c.txt', 'd', 'd/e.md', 'd/f.txt', 'new', 'new/deep', 'new/deep/z.txt', 'odd[1].txt', 'way']);
  });

  it('overwrites only when told to', async () => {
    const { rig, workspace } = await setup();
    const move = { from: 'a.txt', to: 'b/c.txt' };
    await expect(rig.run(fsRename, { files: [move] })).rejects.toMatchObject({ code: 'target_taken' });
    await rig.run(fsRename, { files: [{ ...move, overwrite: true }] });
    expect(await readFile(join(workspace, 'b/c.txt'), 'utf8')).toBe('a');
  });
});

it('fs:readdir says what is there, sorted', async () => {
  const { twice } = await setup();
  const entry = (path: string) => ({ name: path.split('/').at(-1), path, fullPath: path });
  expect(await twice(fsReaddir, { paths: ['.'] })).toEqual({
    files: ['a.txt', 'odd[1].txt', 'way'].map(entry),
    folders: ['b'].map(entry),
  });
  expect(await twice(fsReaddir, { paths: ['b'], recursive: true })).toEqual({
    files: ['b/c.txt', 'b/d/e.md', 'b/d/f.txt'].map(entry),
    folders: ['b/d'].map(entry),
  });
});

describe('catalog:write', () => {
  it.each(['Shop', "'; drop", '$(id)', '`id`', '../../x', 'a\nb: c', '{{7*7}}', '-rf', '\u202egnp.exe', 'x'.repeat(300), 'yes', '0x10', ''])(
    'keeps the name %j as it is',
    async (name) => {
      const { twice, workspace } = await setup();
      const entity = { apiVersion: 'backstage.io/v1alpha1', kind: 'Component', metadata: { name, tags: ['no', '1'] }, spec: { port: 1 } };
      await twice(catalogWrite, { entity });
      expect(parse(await readFile(join(workspace, 'catalog-info.yaml'), 'utf8'))).toEqual(entity);
    },
  );

  it('replaces a link instead of following it', async () => {
    const { rig, workspace, outside } = await setup();
    await symlink(join(outside, 'theirs.txt'), join(workspace, 'catalog-info.yaml'));
    await rig.run(catalogWrite, { entity: { kind: 'Component' } });
    expect(await readFile(join(outside, 'theirs.txt'), 'utf8')).toBe('theirs');
    expect(await readFile(join(workspace, 'catalog-info.yaml'), 'utf8')).toBe('kind: Component\n');
  });
});

it.each<[string, StepDefinition, (path: string) => unknown]>([
  ['fs:delete', fsDelete, (path) => ({ files: [path] })],
  ['fs:rename, from', fsRename, (path) => ({ files: [{ from: path, to: 'x' }] })],
  ['fs:rename, to', fsRename, (path) => ({ files: [{ from: 'a.txt', to: path, overwrite: true }] })],
  ['fs:readdir', fsReaddir, (path) => ({ paths: [path] })],
  ['catalog:write', catalogWrite, (path) => ({ filePath: path, entity: {} })],
])('%s stays inside the workspace', async (_, step, inputOf) => {
  const { rig, outside, paths } = await setup();
  const before = await paths();
  for (const path of ['../theirs.txt', '/etc/passwd', 'b/../../x', 'way/theirs.txt', `${outside}/theirs.txt`, 'a\0b'])
    await expect(rig.run(step, inputOf(path))).rejects.toMatchObject({ code: 'target_refused' });
  expect(await paths()).toEqual(before);
  expect(await readFile(join(outside, 'theirs.txt'), 'utf8')).toBe('theirs');
});
