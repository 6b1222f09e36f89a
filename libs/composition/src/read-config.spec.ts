import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readConfig } from './read-config.js';
import { SecretReferences } from './resolve-secret.js';

describe('the configuration', () => {
  let folder: string;
  beforeEach(async () => (folder = await mkdtemp(path.join(tmpdir(), 'slipway-config-'))));
  afterEach(() => rm(folder, { recursive: true }));

  const write = async (text: string): Promise<string> => {
    const file = path.join(folder, 'config.yaml');
    await writeFile(file, text);
    return file;
  };

  it('is read whole, with template paths from its own folder', async () => {
    const config = await readConfig(await write('publicUrl: https://slipway.example.com\ntemplates: [{ path: ../paths/flask }]\n'));
    expect(config.templates).toEqual([{ name: 'flask', path: path.resolve(folder, '../paths/flask') }]);
    expect(config.clients).toEqual([]);
    expect(config.atOnce).toEqual({ github: 16, kubernetes: 16, argocd: 16, akeyless: 16 });
    expect(config.history).toEqual({ archiveAfterDays: 30 });
  });

  it('does not delete history before it is archived', async () => {
    const file = await write('publicUrl: https://slipway.example.com\nhistory: { archiveAfterDays: 30, deleteAfterDays: 29 }\n');
    await expect(readConfig(file)).rejects.toThrow(/history\.deleteAfterDays: must not be less/);
  });

  it('takes an allowed host by its name alone, or with what it needs', async () => {
    const file = await write(
      'publicUrl: https://slipway.example.com\nallowedHosts: [github.com, { host: "git.example.com:8443", private: true, ca: /ca.pem, token: "env:GIT" }]\n',
    );
    expect((await readConfig(file)).allowedHosts).toEqual([
      { host: 'github.com' },
      { host: 'git.example.com:8443', private: true, ca: '/ca.pem', token: 'env:GIT' },
    ]);
  });

  it.each([
    ['https://github.com', /allowedHosts\.0: must be a host as in a url/],
    ['github.com/acme', /allowedHosts\.0: must be a host as in a url/],
    ['me@github.com', /allowedHosts\.0: must be a host as in a url/],
    ['GitHub.com', /allowedHosts\.0: must be a host as in a url/],
    ['github.com:443', /allowedHosts\.0: must be a host as in a url/],
    ['github.com, github.com', /allowedHosts: must name each host once/],
    ['{ host: github.com, token: ghp_in_clear }', /allowedHosts\.0\.token|must be a secret reference/],
  ])('refuses %s among the allowed hosts', async (hosts, expected) => {
    await expect(readConfig(await write(`publicUrl: https://slipway.example.com\nallowedHosts: [${hosts}]\n`))).rejects.toThrow(expected);
  });

  it('names every fault by its path', async () => {
    const file = await write('publicUrl: nonsense\nclients: [{ id: demo, secret: plain text, roles: [root] }]\nsurprise: 1\n');
    await expect(readConfig(file)).rejects.toThrow(/publicUrl: [\s\S]*clients\.0\.secret: must be a secret reference[\s\S]*clients\.0\.roles\.0: [\s\S]*surprise/);
  });

  it.each([
    ['that is not there', null, /cannot be read .*SLIPWAY_CONFIG/],
    ['that is no YAML', 'a: [', /is no YAML/],
  ])('a file %s is said to be so', async (_name, text, expected) => {
    const file = text === null ? path.join(folder, 'none.yaml') : await write(text);
    await expect(readConfig(file)).rejects.toThrow(expected);
  });
});

describe('secret references', () => {
  it('come from files and the environment, and name themselves when missing', async () => {
    const references = new SecretReferences();
    process.env['SLIPWAY_SPEC_SECRET'] = 'from the environment';
    expect(await references.resolve('env:SLIPWAY_SPEC_SECRET')).toBe('from the environment');
    await expect(references.resolve('file:/nowhere/at/all')).rejects.toMatchObject({ code: 'secret_not_found', message: expect.stringContaining('file:/nowhere/at/all') });
    expect(() => references.resolve('vault:a#b')).toThrow(/Nothing here resolves "vault:"/);
  });
});
