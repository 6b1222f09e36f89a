import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { layOver } from './lay-over.mjs';

describe('what is laid over the written configuration', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'slipway-overlay-'));
  const file = path.join(folder, 'mine.yaml');
  afterAll(() => rmSync(folder, { recursive: true }));

  it('is merged into objects, added to lists, and replaces the rest', () => {
    writeFileSync(file, 'publicUrl: https://mine\ntemplates: [{ path: ./golden }, { path: paths, name: a, git: https://git }]\nintegrations: { github: { throttle: false } }\n');
    const written = { publicUrl: 'http://theirs', templates: [{ path: '/shipped' }], integrations: { github: { org: 'acme' }, argocd: {} } };
    expect(layOver(written, file)).toEqual({
      publicUrl: 'https://mine',
      templates: [{ path: '/shipped' }, { path: path.join(folder, 'golden') }, { path: 'paths', name: 'a', git: 'https://git' }],
      integrations: { github: { org: 'acme', throttle: false }, argocd: {} },
    });
  });

  it('may be nothing', () => {
    writeFileSync(file, '');
    expect(layOver({ a: 1 }, file)).toEqual({ a: 1 });
  });
});
