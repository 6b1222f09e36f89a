import { lstat, readdir, readFile, readlink, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { createStepRig, exerciseStep } from '@slipway/engine/testing';
import { noRemoteContent } from '../remote/remote-content.js';
import { fetchTemplate as define } from './fetch-template.js';
import { removeTemporaryFolders, temporaryFolder } from '../testing/temporary-folder.js';
import type { FileSpec } from '../testing/temporary-folder.js';

const fetchTemplate = define(noRemoteContent);

afterEach(removeTemporaryFolders);

exerciseStep(
  'fetch:template',
  async () => ({
    ...{ step: fetchTemplate, kinds: [], input: { url: './skeleton', values: { name: 'shop' }, targetPath: 'app' } },
    files: {
      template: await temporaryFolder({ 'skeleton/${{ values.name }}/a.txt': '${{ values.name }}', 'skeleton/run.sh': { executable: '#!/bin/sh\n' } }),
      workspace: await temporaryFolder({ 'app/run.sh': 'theirs' }),
    },
    count: () => Promise.resolve(0),
  }),
  { makesNothing: 'it writes to the workspace alone' },
);

async function render(
  files: Record<string, FileSpec>,
  input: Record<string, unknown> = {},
  before: Record<string, FileSpec> = {},
) {
  const template = await temporaryFolder({ 'make/template.yaml': '', ...files });
  const workspace = await temporaryFolder(before);
  const rig = createStepRig({ kinds: [], files: { workspace, template } });
  const again = () => rig.run(fetchTemplate, { url: './make/../skeleton', values: { name: 'shop', on: false }, ...input });
  return { output: await again(), again, workspace, read: (path: string) => readFile(join(workspace, path), 'utf8') };
}

it('renders contents and names, folders and all', async () => {
  const { output, read, workspace } = await render({
    'skeleton/${{ values.name }}/README.md': '# ${{ values.name }}\n{% if values.on %}no{% else %}yes{% endif %}\n',
    'skeleton/plain.txt': 'as it is',
    'skeleton/.github/x': '{% raw %}${{ github.ref }}{% endraw %}',
  });
  expect(output).toEqual({ files: 3 });
  expect(await read('shop/README.md')).toBe('# shop\nyes\n');
  expect(await read('plain.txt')).toBe('as it is');
  expect(await read('.github/x')).toBe('${{ github.ref }}');
  expect((await readdir(workspace)).sort()).toEqual(['.github', 'plain.txt', 'shop']);
});

it('copies binary files, links and the right to execute', async () => {
  const binary = new Uint8Array([0x24, 0x7b, 0x7b, 0, 0xff, 0xfe]);
  const { workspace } = await render({
    'skeleton/logo.png': binary,
    'skeleton/run.sh': { executable: 'echo ${{ values.name }}' },
    'skeleton/latin1.txt': new Uint8Array([0xe9, 0x0a]),
    'skeleton/link': { link: 'run.sh' },
  });
  expect(await readFile(join(workspace, 'logo.png'))).toEqual(Buffer.from(binary));
  expect(await readFile(join(workspace, 'latin1.txt'))).toEqual(Buffer.from([0xe9, 0x0a]));
  expect((await lstat(join(workspace, 'run.sh'))).mode & 0o777).toBe(0o755);
  expect((await lstat(join(workspace, 'logo.png'))).mode & 0o777).toBe(0o644);
  expect(await readlink(join(workspace, 'link'))).toBe('run.sh');
});

it.each([['.github'], ['.github/workflows'], ['.github/**'], ['.github/workflows/*.yaml']])(
  'copies without templating by %s',
  async (glob) => {
    const { read } = await render(
      { 'skeleton/.github/workflows/${{ values.name }}.yaml': 'a: ${{ secrets.X }}', 'skeleton/a': '${{ values.name }}' },
      { copyWithoutTemplating: [glob] },
    );
    expect(await read('.github/workflows/shop.yaml')).toBe('a: ${{ secrets.X }}');
    expect(await read('a')).toBe('shop');
  },
);

it('leaves out what renders to no name', async () => {
  const { output, workspace } = await render({
    'skeleton/{% if values.on %}extra.txt{% endif %}': 'x',
    'skeleton/{% if values.on %}folder{% endif %}/inside.txt': 'x',
    'skeleton/kept': 'x',
  });
  expect(output).toEqual({ files: 1 });
  expect(await readdir(workspace)).toEqual(['kept']);
});

it('takes what the form left empty for nothing, and what is misspelt for a fault', async () => {
  const { read } = await render(
    { 'skeleton/a': '<${{ values.note }}|${{ values.note | default("none") }}|${{ values.note.x }}|{% if values.note %}yes{% endif %}>' },
    { values: { note: null } },
  );
  expect(await read('a')).toBe('<|none||>');
  await expect(render({ 'skeleton/a': '${{ values.nota }}' }, { values: { note: null } })).rejects.toThrow('"values.nota" has no value');
});

it.each([
  [true, '.njk'],
  ['njk', '.njk'],
  ['.tmpl', '.tmpl'],
])('renders only files of the extension asked for by %s', async (templateFileExtension, extension) => {
  const { read, workspace } = await render(
    { [`skeleton/\${{ values.name }}.txt${extension}`]: '${{ values.name }}', 'skeleton/${{ values.name }}.md': '${{ github.ref }}' },
    { templateFileExtension },
  );
  expect((await readdir(workspace)).sort()).toEqual(['shop.md', 'shop.txt']);
  expect(await read('shop.txt')).toBe('shop');
  expect(await read('shop.md')).toBe('${{ github.ref }}');
});

it('renders what has no value to nothing when asked to, and says so', async () => {
  const template = await temporaryFolder({ 'skeleton/a': '<${{ values.x.y }}>', 'skeleton/b': '<${{ github.ref | lower }}>' });
  const workspace = await temporaryFolder();
  const rig = createStepRig({ kinds: [], files: { workspace, template } });
  await rig.run(fetchTemplate, { url: './skeleton', missing: 'empty' });
  expect(await readFile(join(workspace, 'a'), 'utf8')).toBe('<>');
  expect(rig.lines.filter(({ level }) => level === 'warn').map(({ message }) => message)).toEqual([
    'a: "values.x.y" has no value and renders to nothing.',
  ]);
});

it('refuses an extension beside what says the same otherwise', async () => {
  await expect(render({ 'skeleton/a': '' }, { templateFileExtension: true, cookiecutterCompat: true })).rejects.toThrow('neither');
});

it('renders what was written for cookiecutter', async () => {
  const { read } = await render(
    {
      'skeleton/{{cookiecutter.name}}/a':
        '{{ cookiecutter.name | upper }} {{ cookiecutter.on | jsonify }}{% if cookiecutter.on == False %} off{% endif %}',
    },
    { cookiecutterCompat: true },
  );
  expect(await read('shop/a')).toBe('SHOP false off');
});

it('copies names too by the older word', async () => {
  const { read } = await render(
    { 'skeleton/raw/${{ x }}': '${{ y }}', 'skeleton/a': '${{ values.name }}' },
    { copyWithoutRender: ['raw/*'] },
  );
  expect(await read('raw/${{ x }}')).toBe('${{ y }}');
  expect(await read('a')).toBe('shop');
});

it.each([
  [false, 'old'],
  [true, 'new'],
])('with replace %s, a file that is there holds %s', async (replace, expected) => {
  const { read } = await render({ 'skeleton/a.txt': 'new' }, { replace }, { 'a.txt': 'old' });
  expect(await read('a.txt')).toBe(expected);
});

it('writes below the target path', async () => {
  const { read } = await render({ 'skeleton/a.txt': 'x' }, { targetPath: './services/shop' });
  expect(await read('services/shop/a.txt')).toBe('x');
});

it('may run again', async () => {
  const { again, read } = await render({ 'skeleton/a.txt': '${{ values.name }}' });
  await again();
  expect(await read('a.txt')).toBe('shop');
});

it('takes the newline after a block when asked to', async () => {
  const { read } = await render(
    { 'skeleton/a': 'a\n  {% if true %}\nb\n  {% endif %}\n' },
    { trimBlocks: true, lstripBlocks: true },
  );
  expect(await read('a')).toBe('a\nb\n');
});

describe('what it refuses', () => {
  it.each<[string, Record<string, FileSpec>, Record<string, unknown>, string, string]>([
    [
      'an unresolved placeholder',
      { 'skeleton/d/a.yaml': 'x\ny: ${{ values.missing }}' },
      {},
      'skeleton_expression_failed',
      'd/a.yaml:2 failed: "values.missing" has no value',
    ],
    ['an unresolved name', { 'skeleton/${{ values.missing }}': '' }, {}, 'skeleton_expression_failed', 'the name of'],
    ['broken syntax', { 'skeleton/a': '{% if %}' }, {}, 'skeleton_expression_failed', 'Rendering a'],
    [
      'a way to the process',
      { 'skeleton/a': '${{ range.constructor("return process.env")() }}' },
      {},
      'skeleton_expression_failed',
      'constructor',
    ],
    [
      'an endless loop',
      { 'skeleton/a': '{% for a in range(1000000000) %}x{% endfor %}' },
      {},
      'skeleton_expression_failed',
      'limit',
    ],
    [
      'a text that doubles without end',
      { 'skeleton/a': `{% set x = "xxxxxxxxxxxxxxxx" %}${'{% set x = x + x %}'.repeat(40)}\${{ x }}` },
      {},
      'skeleton_expression_failed',
      'length',
    ],
    [
      'a text that doubles to what fits no memory',
      { 'skeleton/a': `{% set x = "xxxxxxxxxxxxxxxx" %}${'{% set x = x + x %}'.repeat(24)}\${{ x | upper }}` },
      {},
      'skeleton_expression_failed',
      'limit',
    ],
    [
      'a name that leads out',
      { 'skeleton/${{ values.up }}/a': '' },
      { values: { up: '../..' } },
      'skeleton_name_refused',
      'leads out',
    ],
    ['two files of one name', { 'skeleton/shop': '', 'skeleton/${{ values.name }}': '' }, {}, 'skeleton_collision', 'shop'],
    ['a link that leads out', { 'skeleton/l': { link: '../../etc' } }, {}, 'skeleton_link_refused', 'leads out'],
    ['a url above the template', { 'skeleton/a': '' }, { url: '../../etc' }, 'template_url_refused', 'leads out'],
    ['an absolute url', { 'skeleton/a': '' }, { url: '/etc' }, 'template_url_refused', 'leads out'],
    ['a remote url', { 'skeleton/a': '' }, { url: 'https://example.com/x' }, 'remote_refused', 'example.com'],
    [
      'a name with a line break',
      { 'skeleton/${{ values.n }}': '' },
      { values: { n: 'a\nb: c' } },
      'skeleton_name_refused',
      'control character',
    ],
    ['a name of 300 characters', { 'skeleton/${{ values.n }}': '' }, { values: { n: 'a'.repeat(300) } }, 'skeleton_name_refused', 'longer'],
    [
      'a name that is a file and a folder',
      { 'skeleton/shop': '', 'skeleton/${{ values.name }}/a': '' },
      {},
      'skeleton_collision',
      'shop',
    ],
    [
      'a link that leads out from where it is rendered to',
      { 'skeleton/a/b/${{ values.name }}/l': { link: '../../../../x' } },
      {},
      'skeleton_link_refused',
      'leads out',
    ],
    ['a url through a link', { 'skeleton/a': '', way: { link: '/etc' } }, { url: './way' }, 'template_url_refused', 'leads out'],
    ['a url that is not there', { 'skeleton/a': '' }, { url: './skelton' }, 'skeleton_missing', 'skelton'],
    ['a target outside', { 'skeleton/a': '' }, { targetPath: '../x' }, 'target_refused', '../x'],
    ['an absolute target', { 'skeleton/a': '' }, { targetPath: '/tmp/x' }, 'target_refused', '/tmp/x'],
  ])('%s', async (_, files, input, code, said) => {
    await expect(render(files, input)).rejects.toMatchObject({
      classification: 'fatal',
      code,
      message: expect.stringContaining(said) as string,
    });
  });

  it('a link in the workspace', async () => {
    const outside = await temporaryFolder();
    const template = await temporaryFolder({ 'skeleton/d/a': 'x' });
    const workspace = await temporaryFolder();
    await symlink(outside, join(workspace, 'd'));
    const rig = createStepRig({ kinds: [], files: { workspace, template } });
    await expect(rig.run(fetchTemplate, { url: './skeleton' })).rejects.toMatchObject({ code: 'target_refused' });
    expect(await readdir(outside)).toEqual([]);
  });

  it('leaves nothing half done behind', async () => {
    const template = await temporaryFolder({ 'skeleton/a': 'x', 'skeleton/b': '${{ values.missing }}' });
    const parent = await temporaryFolder({ 'workspace/.keep': '' });
    const rig = createStepRig({ kinds: [], files: { workspace: join(parent, 'workspace'), template } });
    await expect(rig.run(fetchTemplate, { url: './skeleton' })).rejects.toThrow('has no value');
    expect(await readdir(parent)).toEqual(['workspace']);
    expect(await readdir(join(parent, 'workspace'))).toEqual(['.keep']);
  });
});

it('stops when it is told to', async () => {
  const slow = '{% for a in range(900) %}{% for b in range(900) %}{% endfor %}{% endfor %}';
  const template = await temporaryFolder(
    Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`skeleton/f${index}`, slow])),
  );
  const workspace = await temporaryFolder();
  const abort = new AbortController();
  const rig = createStepRig({ kinds: [], files: { workspace, template } });
  const running = fetchTemplate.run(rig.context({ signal: abort.signal }), fetchTemplate.input.parse({ url: './skeleton' }));
  abort.abort(new Error('cancelled'));
  await expect(running).rejects.toThrow('cancelled');
  expect(await readdir(workspace)).toEqual([]);
});

it('gives the same bytes for the same values', async () => {
  const files = { 'skeleton/a': '${{ values | dump }}', 'skeleton/b': 'x' };
  const [one, other] = [await render(files), await render(files)];
  expect(await one.read('a')).toBe(await other.read('a'));
});

it('does not hold up the thread it is called from', async () => {
  const busy = '{% for a in range(100) %}{% for b in range(300) %}{% endfor %}{% endfor %}';
  let ticks = 0;
  const timer = setInterval(() => (ticks += 1), 5);
  try {
    await render({ 'skeleton/a': busy, 'skeleton/b': busy });
  } finally {
    clearInterval(timer);
  }
  expect(ticks).toBeGreaterThan(3);
});
