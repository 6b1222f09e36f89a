import { lstat, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Plan } from '@slipway/engine';
import { type HttpsHost, type Route, startCanary, startHttpsHost } from '../testing/https-host.js';
import { removeTemporaryFolders, temporaryFolder } from '../testing/temporary-folder.js';
import type { AllowedHost } from './allowed-host.js';
import { isPrivate } from './allowed-host.js';
import { pinPlan } from './pin-plan.js';
import { createRemoteContent } from './remote-content.js';

let host: HttpsHost;
let canary: Awaited<ReturnType<typeof startCanary>>;
let commit = '';

beforeAll(async () => {
  canary = await startCanary();
  const redirect =
    (to: string): Route =>
    (_, response) =>
      response.writeHead(302, { location: to }).end();
  host = await startHttpsHost({
    '/file.txt': (_, response) => response.end('a file'),
    '/endless': (_, response) => {
      const more = () => response.write(Buffer.alloc(65_536), () => !response.destroyed && setImmediate(more));
      more();
    },
    '/silent': () => undefined,
    '/to-file': redirect('/file.txt'),
    '/round': redirect('/round'),
    '/to-http': redirect('http://localhost/file.txt'),
    '/to-disk': redirect('file:///etc/passwd'),
    '/to-canary': redirect(`https://localhost:${canary.port}/`),
    '/to-metadata': redirect('https://169.254.169.254/latest/meta-data'),
    '/500': (_, response) => response.writeHead(500).end(),
  });
  commit = await host.addRepository('acme/shop', {
    'README.md': 'main',
    'skeleton/a.txt': '${{ values.name }}',
    'skeleton/run.sh': { executable: '#!/bin/sh\n' },
    'skeleton/link': { link: 'a.txt' },
  });
  await host.addRepository('acme/shop', { 'skeleton/a.txt': 'from a branch' }, 'feature/with/slashes');
  await host.addRepository('acme/hostile', { way: { link: '/etc' }, 'a.txt': 'x' });
});

afterAll(async () => {
  await host.close();
  await canary.close();
  await removeTemporaryFolders();
});

const options = { signal: AbortSignal.timeout(60_000) };

function content(more: Partial<AllowedHost> = {}, limits = {}) {
  return createRemoteContent([{ host: host.host, private: true, ca: host.ca, ...more }], limits);
}

describe('a repository', () => {
  it.each<[string, string, Record<string, string>]>([
    ['whole', '', { 'README.md': 'main', 'skeleton/a.txt': '${{ values.name }}' }],
    ['whole, as git calls it', '.git', { 'README.md': 'main' }],
    ['a folder of a branch', '/tree/main/skeleton', { 'a.txt': '${{ values.name }}' }],
    ['a branch with slashes', '/tree/feature/with/slashes/skeleton', { 'a.txt': 'from a branch' }],
    ['as GitLab writes it', '/-/tree/main/skeleton', { 'a.txt': '${{ values.name }}' }],
    ['as Gitea writes it', '/src/branch/main/skeleton', { 'a.txt': '${{ values.name }}' }],
    ['a commit', '/tree/COMMIT/skeleton', { 'a.txt': '${{ values.name }}' }],
  ])('%s', async (_, path, files) => {
    const to = join(await temporaryFolder({ 'to/.keep': '' }), 'fetched');
    await content().fetchFolder(`${host.url}/acme/shop${path.replace('COMMIT', commit)}`, to, options);
    for (const [file, text] of Object.entries(files)) expect(await readFile(join(to, file), 'utf8')).toBe(text);
    if (path.endsWith('main/skeleton')) {
      expect((await readdir(to)).sort()).toEqual(['a.txt', 'link', 'run.sh']);
      expect((await lstat(join(to, 'run.sh'))).mode & 0o100).not.toBe(0);
    }
  });

  it('one file', async () => {
    const file = await content().fetchFile(`${host.url}/acme/shop/blob/main/skeleton/a.txt`, await temporaryFolder(), options);
    expect(await readFile(file, 'utf8')).toBe('${{ values.name }}');
  });

  it.each([
    ['a branch that is not there', '/acme/shop/tree/none/skeleton', 'remote_missing'],
    ['a folder that is not there', '/acme/shop/tree/main/none', 'remote_missing'],
    ['a way out of it', '/acme/shop/tree/main/%2e%2e/%2e%2e/etc', 'remote_refused'],
    ['a repository that is not there', '/acme/none', 'remote_missing'],
    ['links that lead out', '/acme/hostile', 'archive_refused'],
    ['no repository', '/file', 'remote_refused'],
  ])('refuses %s', async (_, path, code) => {
    await expect(content().fetchFolder(host.url + path, await temporaryFolder(), options)).rejects.toMatchObject({ code });
  });

  it('is taken with the token, which no child process shows', async () => {
    await content({ token: () => Promise.resolve('s3cret') }).pin(`${host.url}/acme/shop`, options);
    expect(host.asked.at(-1)?.authorization).toBe(`Basic ${Buffer.from('x-access-token:s3cret').toString('base64')}`);
  });

  it('is bounded in size and time', async () => {
    const fetched = (limits: object) => content({}, limits).fetchFolder(`${host.url}/acme/shop`, '/nowhere', options);
    await expect(fetched({ bytes: 100 })).rejects.toMatchObject({ code: 'remote_too_large' });
    await expect(fetched({ timeoutMs: 1 })).rejects.toThrow();
  });
});

describe('a plain file', () => {
  const fetched = async (path: string, more = {}, limits = {}) =>
    readFile(await content(more, limits).fetchFile(host.url + path, await temporaryFolder(), options), 'utf8');

  it('comes over https, redirects included', async () => {
    expect(await fetched('/file.txt')).toBe('a file');
    expect(await fetched('/to-file')).toBe('a file');
  });

  it('gets the token where it was asked for, and not where that leads on to', async () => {
    host.asked.splice(0);
    await fetched('/to-file', { token: () => Promise.resolve('s3cret') });
    expect(host.asked.map(({ authorization }) => authorization)).toEqual(['Bearer s3cret', undefined]);
  });

  it.each([
    ['more than it may', '/endless', 'remote_too_large'],
    ['no end of redirects', '/round', 'remote_refused'],
    ['another scheme', '/to-http', 'remote_refused'],
    ['the disk', '/to-disk', 'remote_refused'],
    ['a host that is not allowed', '/to-canary', 'remote_refused'],
    ['the cloud’s own address', '/to-metadata', 'remote_refused'],
    ['nothing', '/none', 'remote_missing'],
    ['a failure', '/500', 'remote_unreachable'],
    ['silence', '/silent', 'remote_unreachable'],
  ])('that leads to %s is refused', async (_, path, code) => {
    await expect(fetched(path, {}, { bytes: 1_000_000, timeoutMs: 2_000 })).rejects.toMatchObject({ code });
    expect(canary.knocks()).toBe(0);
  });

  it('is given up when the run is', async () => {
    const abort = new AbortController();
    const waiting = content().fetchFile(`${host.url}/silent`, await temporaryFolder(), { signal: abort.signal });
    setTimeout(() => abort.abort(new Error('cancelled')), 50);
    await expect(waiting).rejects.toThrow('cancelled');
  });
});

describe('what nobody connects to', () => {
  const forms = (port: number) => [
    `http://localhost:${port}/a`,
    `https://127.1:${port}/a/b`,
    `https://0x7f000001:${port}/a/b`,
    `https://2130706433:${port}/a/b`,
    `https://[::1]:${port}/a/b`,
    `https://[::ffff:127.0.0.1]:${port}/a/b`,
    `https://localhost:${port}/a/b`,
    `https://user:pass@localhost:${port}/a/b`,
    `git+ssh://localhost:${port}/a/b`,
    `ssh://git@localhost:${port}/a/b`,
    `git://localhost:${port}/a/b`,
    `ftp://localhost:${port}/a/b`,
    'file:///etc/passwd',
    'ext::sh -c id',
    'https://169.254.169.254/latest/meta-data',
    '--upload-pack=id',
    'https://',
  ];

  it('is every host that is not allowed, however it is written', async () => {
    for (const hosts of [[], [{ host: 'github.com' }]]) {
      const remote = createRemoteContent(hosts);
      for (const url of forms(canary.port)) {
        for (const fetch of [remote.fetchFolder, remote.fetchFile])
          await expect(fetch(url, '/nowhere', options)).rejects.toMatchObject({ code: 'remote_refused', classification: 'fatal' });
      }
    }
    expect(canary.knocks()).toBe(0);
  });

  it('is an allowed name that turns out to lie at a private address', async () => {
    const remote = createRemoteContent([{ host: `localhost:${canary.port}` }, { host: `127.0.0.1:${canary.port}` }]);
    for (const name of ['localhost', '127.0.0.1', '0x7f000001'])
      for (const fetch of [remote.fetchFolder, remote.fetchFile])
        await expect(fetch(`https://${name}:${canary.port}/a/b`, '/nowhere', options)).rejects.toMatchObject({ code: 'remote_refused' });
    expect(canary.knocks()).toBe(0);
  });

  it.each<[string, boolean]>([
    ['127.0.0.1', true],
    ['10.1.2.3', true],
    ['172.31.255.255', true],
    ['172.32.0.1', false],
    ['192.168.1.1', true],
    ['169.254.169.254', true],
    ['100.64.0.1', true],
    ['0.0.0.0', true],
    ['224.0.0.1', true],
    ['255.255.255.255', true],
    ['140.82.121.3', false],
    ['::1', true],
    ['::', true],
    ['fe80::1', true],
    ['fc00::1', true],
    ['fd12::1', true],
    ['::ffff:10.0.0.1', true],
    ['::ffff:140.82.121.3', false],
    ['64:ff9b::a00:1', true],
    ['2002:a00:1::', true],
    ['2606:50c0:8000::154', false],
  ])('%s private: %s', (address, expected) => {
    expect(isPrivate(address)).toBe(expected);
  });
});

it('binds a plan to the commits that are there', async () => {
  const step = (action: string, url: string) => ({ action, input: { url } }) as unknown as Plan['steps'][number];
  const shop = `${host.url}/acme/shop`;
  const plan = {
    steps: [
      step('fetch:template', `${shop}/tree/main/skeleton`),
      step('fetch:plain', shop),
      step('fetch:plain:file', `${host.url}/file.txt`),
      step('fetch:template', './skeleton'),
      step('fetch:template', `${shop}/tree/\${{ parameters.branch }}`),
      step('debug:log', shop),
    ],
  } as Plan;
  const pinned = await pinPlan(plan, content(), options);
  expect(pinned.steps.map(({ input }) => input['url'])).toEqual([
    `${shop}/tree/${commit}/skeleton`,
    `${shop}/tree/${commit}`,
    `${host.url}/file.txt`,
    './skeleton',
    `${shop}/tree/\${{ parameters.branch }}`,
    shop,
  ]);
});
