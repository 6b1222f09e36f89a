import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { dump } from 'js-yaml';
import type { KubernetesObject } from '../cluster.js';
import { gitText, runGit } from '../git/run-git.js';
import { settingsOf } from './kustomize-settings.js';
import { ManifestFailure } from './manifest-failure.js';
import { loadManifests } from './manifests.js';

let folder: string;
let directory: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sandbox-manifests-'));
  directory = join(folder, '.git');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const DEPLOYMENT = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', labels: { tier: 'front' } },
  spec: {
    selector: { matchLabels: { app: 'web' } },
    template: {
      metadata: { labels: { app: 'web' } },
      spec: {
        initContainers: [{ name: 'migrate', image: 'registry.example.com:5000/web:1' }],
        containers: [{ name: 'web', image: 'registry.example.com:5000/web:1' }, { name: 'proxy', image: 'envoy' }],
      },
    },
  },
};
const SERVICE = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web' }, spec: { selector: { app: 'web' } } };
const NAMESPACE = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } };

describe('a folder', () => {
  test('gives the objects of every document of its YAML and JSON files, lists taken apart', async () => {
    const list = { apiVersion: 'v1', kind: 'List', items: [NAMESPACE] };
    const { objects, sourceType } = await load({
      'deploy/a.yaml': `${dump(DEPLOYMENT)}---\n# nothing\n---\n${dump(SERVICE)}`,
      'deploy/b.json': JSON.stringify(list),
      'deploy/README.md': 'not this',
      'deploy/deeper/c.yaml': dump(SERVICE),
    });
    expect(sourceType).toBe('Directory');
    expect(objects.map(({ kind }) => kind)).toEqual(['Deployment', 'Service', 'Namespace']);
  });

  test.each([
    ['is not there', { 'other/a.yaml': dump(SERVICE) }, 'deploy: app path does not exist'],
    ['holds what is no object', { 'deploy/a.yaml': 'a: 1\n' }, `Failed to unmarshal "deploy/a.yaml": Object 'Kind' is missing`],
    ['holds what is no YAML', { 'deploy/a.yaml': 'a: [1\n' }, 'Failed to unmarshal "deploy/a.yaml": '],
    ['is a Helm chart', { 'deploy/Chart.yaml': 'name: x\n' }, 'does not render Helm charts'],
  ])('that %s fails', async (_what, files, message) => {
    await expect(load(files)).rejects.toThrow(message);
    await expect(load(files)).rejects.toThrow(ManifestFailure);
  });
});

describe('a kustomization', () => {
  const resources = { 'deploy/deployment.yaml': dump(DEPLOYMENT), 'deploy/service.yaml': dump(SERVICE) };
  const listed = ['deployment.yaml', 'service.yaml'];
  const kustomized = (fields: object, settings: Record<string, unknown> = {}) =>
    load({ ...resources, 'deploy/kustomization.yaml': dump({ resources: listed, ...fields }) }, settings);

  test('puts what it lists into its namespace, cluster-wide kinds excepted, bases first', async () => {
    const { objects, sourceType } = await load({
      ...resources,
      'base/kustomization.yaml': dump({ resources: ['namespace.yaml'], namespace: 'base' }),
      'base/namespace.yaml': dump(NAMESPACE),
      'deploy/kustomization.yaml': dump({ resources: ['../base', ...listed], namespace: 'shop' }),
    });
    expect(sourceType).toBe('Kustomize');
    expect(objects.map(({ metadata }) => metadata.namespace)).toEqual([undefined, 'shop', 'shop']);
  });

  test.each([
    ['a tag', { newTag: '2' }, 'registry.example.com:5000/web:2'],
    ['a digest', { newTag: '2', digest: 'sha256:abc' }, 'registry.example.com:5000/web@sha256:abc'],
    ['a name', { newName: 'ghcr.io/acme/shop' }, 'ghcr.io/acme/shop:1'],
  ])('replaces images by %s, in init containers too', async (_what, override, image) => {
    const { objects } = await kustomized({ images: [{ name: 'registry.example.com:5000/web', ...override }] });
    expect(imagesOf(objects[0])).toEqual([image, image, 'envoy']);
  });

  test('labels objects, and pods and selectors where it says so', async () => {
    const pairs = { team: 'shop' };
    const plain = (await kustomized({ labels: [{ pairs }] })).objects;
    expect(plain[0]).toMatchObject({ metadata: { labels: { tier: 'front', team: 'shop' } }, spec: DEPLOYMENT.spec });
    const templates = (await kustomized({ labels: [{ pairs, includeTemplates: true }] })).objects;
    expect(templates[0]).toMatchObject({ spec: { template: { metadata: { labels: pairs } }, selector: { matchLabels: { app: 'web' } } } });
    expect(JSON.stringify(templates[0]?.['spec'])).not.toContain('"matchLabels":{"app":"web","team"');
    for (const fields of [{ labels: [{ pairs, includeSelectors: true }] }, { commonLabels: pairs }]) {
      const [deployment, service] = (await kustomized(fields)).objects;
      expect(deployment).toMatchObject({ spec: { selector: { matchLabels: pairs }, template: { metadata: { labels: pairs } } } });
      expect(service).toMatchObject({ metadata: { labels: pairs }, spec: { selector: { app: 'web', ...pairs } } });
    }
  });

  test('takes the images that the application itself sets', async () => {
    const settings = { images: ['registry.example.com:5000/web=ghcr.io/acme/shop@sha256:def', 'envoy:2'] };
    const { objects } = await kustomized({}, settings);
    expect(imagesOf(objects[0])).toEqual(['ghcr.io/acme/shop@sha256:def', 'ghcr.io/acme/shop@sha256:def', 'envoy:2']);
    expect(() => settingsOf({ namePrefix: 'x-' })).toThrow('namePrefix');
  });

  test('that is no YAML fails as the command does', async () => {
    const failing = load({ 'deploy/kustomization.yaml': 'resources: [\n' });
    await expect(failing).rejects.toThrow(ManifestFailure);
    await expect(failing).rejects.toThrow('`kustomize build <path to cached source>/deploy` failed exit status 1: Error: ');
  });

  test.each([
    ['a field that kustomize does not know', { resorces: [] }, 'Error: invalid Kustomization: json: unknown field "resorces"'],
    ['a field that we do not build', { patches: [] }, "the sandbox's kustomize does not build patches"],
    ['a resource that is missing', { resources: ['gone.yaml'] }, "accumulating resources from 'gone.yaml': open <path to cached source>/deploy/gone.yaml"],
    ['nothing', { resources: [] }, 'kustomization.yaml is empty'],
  ])('with %s fails as the command does', async (_what, fields, message) => {
    const failing = kustomized(fields);
    await expect(failing).rejects.toThrow(message);
    await expect(failing).rejects.toThrow('`kustomize build <path to cached source>/deploy` failed exit status 1: Error: ');
  });
});

async function load(files: Record<string, string>, settings: Record<string, unknown> = {}) {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
  const cwd = folder;
  await runGit(['init', '--quiet'], { cwd });
  await runGit(['add', '--all'], { cwd });
  const author = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com'];
  await runGit([...author, 'commit', '--quiet', '--allow-empty', '-m', 'all'], { cwd });
  return loadManifests(directory, await gitText(['rev-parse', 'HEAD'], { cwd }), 'deploy', { recurse: false, settings: settingsOf(settings) });
}

function imagesOf(object: KubernetesObject | undefined): string[] {
  const { initContainers, containers } = (object?.['spec'] as typeof DEPLOYMENT.spec).template.spec;
  return [...initContainers, ...containers].map(({ image }) => image);
}
