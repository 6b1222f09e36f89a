import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createStepRig } from '@slipway/engine/testing';
import { type HttpsHost, removeTemporaryFolders, startHttpsHost, temporaryFolder } from '@slipway/templating/testing';
import { stringify } from 'yaml';
import { compose } from './compose.js';
import { inMemory } from './surroundings.js';

describe('what templates may fetch from', () => {
  let host: HttpsHost;
  beforeAll(async () => (host = await startHttpsHost({ '/file.txt': (_, response) => response.end('a file') })));
  afterAll(async () => {
    await host.close();
    await removeTemporaryFolders();
  });

  async function fetchFile(allowed: (folder: string) => object) {
    const folder = await temporaryFolder({ 'ca.pem': host.ca, token: 'a-token-of-the-host' });
    const config = join(await temporaryFolder({ 'config.yaml': stringify({ publicUrl: 'https://slipway.example.com', ...allowed(folder) }) }), 'config.yaml');
    const composition = await compose(config, inMemory());
    const files = { workspace: await temporaryFolder(), template: await temporaryFolder() };
    await createStepRig({ kinds: [], files }).run(composition.registry.step('fetch:plain:file')!, {
      url: `${host.url}/file.txt`,
      targetPath: 'got.txt',
    });
    return { composition, text: await readFile(join(files.workspace, 'got.txt'), 'utf8') };
  }

  it('is what the configuration allows, with its certificate and its token', async () => {
    const { text, composition } = await fetchFile((folder) => ({
      allowedHosts: [{ host: host.host, private: true, ca: join(folder, 'ca.pem'), token: `file:${join(folder, 'token')}` }],
    }));
    expect(text).toBe('a file');
    expect(host.asked.at(-1)).toEqual({ path: '/file.txt', authorization: 'Bearer a-token-of-the-host' });
    expect(composition.processSecrets.redact('a-token-of-the-host')).not.toContain('a-token');
  });

  it('is nothing else, and nothing at all by default', async () => {
    const before = host.asked.length;
    await expect(fetchFile(() => ({}))).rejects.toMatchObject({ code: 'remote_refused', message: expect.stringContaining(`${host.host} is not among the hosts`) });
    await expect(fetchFile(() => ({ allowedHosts: ['github.com'] }))).rejects.toMatchObject({ code: 'remote_refused' });
    await expect(fetchFile(() => ({ allowedHosts: [host.host] }))).rejects.toThrow(/its address 127\.0\.0\.1 is a private one/);
    expect(host.asked).toHaveLength(before);
  });

  it('is not begun with when a certificate cannot be read', async () => {
    await expect(fetchFile(() => ({ allowedHosts: [{ host: host.host, ca: '/nowhere/ca.pem' }] }))).rejects.toThrow(/\/nowhere\/ca\.pem/);
  });
});
