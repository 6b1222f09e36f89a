import { lstat, readFile, readdir, readlink, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { createStepRig, exerciseStep, type StepScene } from '@slipway/engine/testing';
import { noRemoteContent } from '../remote/remote-content.js';
import { removeTemporaryFolders, temporaryFolder } from '../testing/temporary-folder.js';
import type { FileSpec } from '../testing/temporary-folder.js';
import { fetchPlain } from './fetch-plain.js';
import { fetchPlainFile } from './fetch-plain-file.js';
import { fetchTemplateFile } from './fetch-template-file.js';

afterEach(removeTemporaryFolders);

const template: Record<string, FileSpec> = {
  'make/template.yaml': '',
  'files/a.txt': '${{ values.name }}',
  'files/bin/run.sh': { executable: '#!/bin/sh\n' },
  'files/link': { link: 'bin/run.sh' },
  'way-out/l': { link: '../../etc' },
  'elsewhere': { link: '/etc' },
};
const steps = { plain: fetchPlain(noRemoteContent), file: fetchPlainFile(noRemoteContent), template: fetchTemplateFile(noRemoteContent) };

const makesNothing = 'it writes to the workspace alone';
exerciseStep('fetch:plain', () => sceneOf('plain', { url: './files', targetPath: 'app' }), { makesNothing });
exerciseStep('fetch:plain:file', () => sceneOf('file', { url: './files/a.txt', targetPath: 'app/b.txt' }), { makesNothing });
exerciseStep('fetch:template:file', () => sceneOf('template', { url: './files/a.txt', targetPath: 'app/b.txt', values: { name: 'shop' } }), { makesNothing });

async function sceneOf(step: keyof typeof steps, input: Record<string, unknown>): Promise<StepScene> {
  const files = { workspace: await temporaryFolder({ 'app/a.txt': 'old' }), template: await temporaryFolder(template) };
  return { ...{ step: steps[step], kinds: [], input, files }, count: () => Promise.resolve(0) };
}

async function fetch(step: keyof typeof steps, input: Record<string, unknown>, before: Record<string, FileSpec> = {}) {
  const workspace = await temporaryFolder(before);
  const rig = createStepRig({ kinds: [], files: { workspace, template: await temporaryFolder(template) } });
  const run = () => rig.run(steps[step], input);
  const output = await run();
  expect(await run()).toEqual(output);
  return { output, workspace, read: (path: string) => readFile(join(workspace, path), 'utf8') };
}

it('copies a folder as it is, over what is there', async () => {
  const { output, read, workspace } = await fetch('plain', { url: './make/../files', targetPath: 'app' }, { 'app/a.txt': 'old', 'app/b': 'b' });
  expect(output).toEqual({ files: 3 });
  expect(await read('app/a.txt')).toBe('${{ values.name }}');
  expect(await read('app/b')).toBe('b');
  expect(await readlink(join(workspace, 'app/link'))).toBe('bin/run.sh');
  expect((await lstat(join(workspace, 'app/bin/run.sh'))).mode & 0o777).toBe(0o755);
  expect((await lstat(join(workspace, 'app/a.txt'))).mode & 0o777).toBe(0o644);
});

it('copies a file under a new name', async () => {
  const { read } = await fetch('file', { url: './files/a.txt', targetPath: 'docs/b.txt' }, { 'docs/b.txt': 'old' });
  expect(await read('docs/b.txt')).toBe('${{ values.name }}');
});

it.each([
  [undefined, 'old'],
  [true, 'shop'],
])('renders a file; with replace %s what is there becomes %s', async (replace, expected) => {
  const { read } = await fetch('template', { url: './files/a.txt', targetPath: 'b.txt', values: { name: 'shop' }, replace }, { 'b.txt': 'old' });
  expect(await read('b.txt')).toBe(expected);
});

it.each<[keyof typeof steps, Record<string, unknown>, string]>([
  ['plain', { url: '../../etc' }, 'template_url_refused'],
  ['plain', { url: './elsewhere' }, 'template_url_refused'],
  ['plain', { url: './way-out' }, 'skeleton_link_refused'],
  ['plain', { url: './files', targetPath: '../x' }, 'target_refused'],
  ['plain', { url: './files/a.txt' }, 'skeleton_missing'],
  ['plain', { url: 'file:///etc' }, 'remote_refused'],
  ['plain', { url: 'git+ssh://github.com/a/b' }, 'remote_refused'],
  ['file', { url: './files', targetPath: 'a' }, 'skeleton_missing'],
  ['file', { url: './elsewhere/passwd', targetPath: 'a' }, 'template_url_refused'],
  ['file', { url: '/etc/passwd', targetPath: 'a' }, 'template_url_refused'],
  ['file', { url: './files/a.txt', targetPath: '/tmp/x' }, 'target_refused'],
  ['file', { url: 'http://169.254.169.254/latest', targetPath: 'a' }, 'remote_refused'],
  ['template', { url: './files/a.txt', targetPath: 'a/../../b' }, 'target_refused'],
  ['template', { url: './files/a.txt', targetPath: 'a' }, 'skeleton_expression_failed'],
])('%s refuses %j', async (step, input, code) => {
  await expect(fetch(step, input)).rejects.toMatchObject({ code, classification: 'fatal' });
});

it.each(['plain', 'file', 'template'] as const)('%s writes through no link that lies in the workspace', async (step) => {
  const outside = await temporaryFolder({ 'a.txt': 'theirs' });
  const workspace = await temporaryFolder();
  await symlink(outside, join(workspace, 'd'));
  await symlink(join(outside, 'a.txt'), join(workspace, 'f'));
  const rig = createStepRig({ kinds: [], files: { workspace, template: await temporaryFolder(template) } });
  const input = { url: step === 'plain' ? './files' : './files/a.txt', ...(step === 'template' ? { values: { name: 'x' }, replace: true } : {}) };
  await expect(rig.run(steps[step], { ...input, targetPath: step === 'plain' ? 'd' : 'd/a.txt' })).rejects.toMatchObject({ code: 'target_refused' });
  if (step !== 'plain') await rig.run(steps[step], { ...input, targetPath: 'f' });
  expect(await readFile(join(outside, 'a.txt'), 'utf8')).toBe('theirs');
  expect(await readdir(outside)).toEqual(['a.txt']);
});
