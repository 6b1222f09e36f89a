import { execFile } from 'node:child_process';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { depths, Registry } from '@slipway/engine';
import type { StepDefinition } from '@slipway/engine';
import { createStepRig } from '@slipway/engine/testing';
import { parseAllDocuments } from 'yaml';
import { unpack } from './workspace/archive.js';
import { checkParameters } from './parameters/check-parameters.js';
import { compilePlan } from './template/compile-plan.js';
import { createEvaluator } from './expressions/evaluator.js';
import { noRemoteContent } from './remote/remote-content.js';
import { fetchTemplate } from './steps/fetch-template.js';
import { loadGoldenPath } from './template/load-template.js';
import { removeTemporaryFolders, temporaryFolder } from './testing/temporary-folder.js';

/** The golden path that ships with the product: it loads, it means what it should, and what it renders holds up. */
const path = join(import.meta.dirname, '../../../templates/python-flask-mysql');
const actions = [
  'akeyless:credential:probe',
  'akeyless:dynamic-secret:create',
  'akeyless:target:create',
  'argocd:application:create',
  'argocd:application:wait',
  'argocd:repository:register',
  'fetch:template',
  'github:repo:create',
  'github:repo:push',
  'kubernetes:namespace',
  'kubernetes:secret',
  'kubernetes:wait',
  'resources:remove',
];
const registry = new Registry([{ name: 'stub', steps: actions.map((id) => ({ id }) as StepDefinition), kinds: [] }]);
const inputs = { app_name: 'shop', repo_name: 'shop-repo', namespace: 'shop-ns', db_name: 'shopdb' };

afterAll(removeTemporaryFolders);

async function action(identifier: string) {
  const found = (await loadGoldenPath(path, registry)).find((template) => template.identifier === identifier);
  if (!found) throw new Error(`No action ${identifier}.`);
  return found;
}

/** As a run does it: from the archive, through the plan and the evaluator. */
async function render(parameters: Record<string, string>): Promise<string> {
  const template = await action('deploy_python_flask_app');
  const step = compilePlan(template).steps.find(({ id }) => id === 'render');
  const archive = await temporaryFolder();
  await unpack(template.archive, archive);
  const workspace = await temporaryFolder();
  const entity = { blueprint: 'service', identifier: parameters['app_name'] ?? '' };
  const scope = { parameters, steps: {}, user: { ref: 'u' }, failed: false, context: { task: { id: 'r_1' }, entity } };
  await createStepRig({ kinds: [], files: { workspace, template: archive } }).run(
    fetchTemplate(noRemoteContent),
    createEvaluator().evaluate(step?.input, scope),
  );
  return workspace;
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

it('loads without a finding', async () => {
  const loaded = await loadGoldenPath(path, registry);
  expect(
    loaded.map(({ identifier, operation, blueprint, findings }) => ({ identifier, operation, blueprint, findings })),
  ).toEqual([
    { identifier: 'delete_service', operation: 'DELETE', blueprint: 'service', findings: [] },
    { identifier: 'deploy_python_flask_app', operation: 'CREATE', blueprint: 'service', findings: [] },
  ]);
});

describe('deploy_python_flask_app', () => {
  it('compiles to its graph', async () => {
    const plan = compilePlan(await action('deploy_python_flask_app'));
    expect(Object.fromEntries(plan.steps.map(({ id, needs }) => [id, needs.toSorted()]))).toEqual({
      repository: [],
      render: [],
      push: ['render', 'repository'],
      namespace: [],
      password: ['namespace'],
      registration: ['push', 'repository'],
      application: ['password', 'registration'],
      database: ['application'],
      target: ['database', 'password'],
      credential: ['target'],
      probe: ['credential'],
      healthy: ['application', 'credential', 'push'],
    });
    expect(Math.max(...depths(plan).values())).toBe(7);
    expect(plan.onFailure).toBe('undo');
    expect(plan.steps.filter((step) => step.onFailure === 'keep').map(({ id }) => id)).toEqual(['healthy']);
  });

  it('takes names that every system takes', async () => {
    const { pages } = await action('deploy_python_flask_app');
    expect(checkParameters(pages, inputs)).toEqual({ values: inputs, secrets: {}, issues: [] });
  });

  it.each<[string, Record<string, unknown>, string[]]>([
    ['everything missing', {}, ['app_name', 'repo_name', 'namespace', 'db_name']],
    [
      'upper case and a trailing dash',
      { app_name: 'Shop', repo_name: 'shop-' },
      ['app_name', 'repo_name', 'namespace', 'db_name'],
    ],
    ['a name of 41', { ...inputs, app_name: 'a'.repeat(41) }, ['app_name']],
    ['a repository of 101', { ...inputs, repo_name: 'a'.repeat(101) }, ['repo_name']],
    ['a namespace of 64', { ...inputs, namespace: 'a'.repeat(64) }, ['namespace']],
    ['a namespace of Kubernetes', { ...inputs, namespace: 'kube-system' }, ['namespace']],
    ['the default namespace', { ...inputs, namespace: 'default' }, ['namespace']],
    ['a database with a dash', { ...inputs, db_name: 'my-db' }, ['db_name']],
    ['a database of MySQL', { ...inputs, db_name: 'mysql' }, ['db_name']],
    ['a statement', { ...inputs, db_name: "a'; DROP DATABASE x; --" }, ['db_name']],
    ['a template', { ...inputs, app_name: '{{7*7}}' }, ['app_name']],
    ['a line break at the end', { ...inputs, app_name: 'shop\n' }, ['app_name']],
    ['a way up', { ...inputs, repo_name: '../../x' }, ['repo_name']],
  ])('refuses %s', async (_, sent, fields) => {
    const { issues } = checkParameters((await action('deploy_python_flask_app')).pages, sent);
    expect([...new Set(issues.map((issue) => issue.path))].sort()).toEqual(fields.map((field) => `properties.${field}`).sort());
  });
});

describe('delete_service', () => {
  it('asks for the name and archives by default', async () => {
    const { pages } = await action('delete_service');
    expect(checkParameters(pages, { confirm: 'shop' })).toEqual({
      values: { confirm: 'shop', repository: 'archive' },
      secrets: {},
      issues: [],
    });
    expect(checkParameters(pages, { confirm: 'shop', repository: 'burn' }).issues[0]?.path).toBe('properties.repository');
  });

  it('is one step that keeps what it could not remove', async () => {
    const plan = compilePlan(await action('delete_service'));
    expect(plan.onFailure).toBe('keep');
    expect(plan.steps.map(({ action: name, input }) => [name, input])).toEqual([
      ['resources:remove', { options: { 'github:repository': { disposition: '${{ parameters.repository }}' } } }],
    ]);
  });
});

describe('the skeleton', () => {
  let root = '';
  beforeAll(async () => {
    root = await render(inputs);
  });

  it('renders without a placeholder left', async () => {
    for (const file of await filesIn(root)) {
      const text = await readFile(file, 'utf8');
      const left = text.match(/\{\{-? *values|\{%|\{#|<org>|CHANGE_?ME|TODO:|FIXME/i);
      expect([file, left?.[0]]).toEqual([file, undefined]);
      if (!file.includes('.github')) expect([file, text.includes('{{')]).toEqual([file, false]);
    }
  });

  it('keeps what GitHub is to fill in', async () => {
    const workflow = await readFile(join(root, '.github/workflows/image.yaml'), 'utf8');
    expect(workflow).toContain('ghcr.io/${{ github.repository }}:${{ github.ref_name }}');
  });

  it('is valid YAML, and lists every manifest', async () => {
    const yaml = (await filesIn(root)).filter((file) => file.endsWith('.yaml'));
    for (const file of yaml) {
      for (const document of parseAllDocuments(await readFile(file, 'utf8'))) expect([file, document.errors]).toEqual([file, []]);
    }
    const { resources, namespace } = await manifest(root, 'kustomization.yaml');
    expect(namespace).toBe('shop-ns');
    const manifests = (await readdir(join(root, 'deploy'))).filter((name) => name !== 'kustomization.yaml');
    expect((resources as string[]).toSorted()).toEqual(manifests.sort());
  });

  it('names everything after the service', async () => {
    const text = JSON.stringify([
      await manifest(root, 'deployment.yaml'),
      await manifest(root, 'mysql-statefulset.yaml'),
      await manifest(root, 'external-secret.yaml'),
    ]);
    for (const name of [
      'ghcr.io/acme/shop-repo:v0.1.0',
      'mysql-shop.shop-ns.svc.cluster.local',
      '"value":"shopdb"',
      '"secretName":"shop-db"',
      '"key":"/slipway/shop/database-credential"',
    ]) {
      expect(text).toContain(name);
    }
  });

  // Bare, YAML 1.1 (Go, kustomize) reads these as booleans, null and numbers.
  it.each([
    ['true', 'no', 'on', 'null'],
    ['null', 'y', 'off', 'yes'],
    ['n', 'false', 'null', 'on'],
  ])('stays text when things are called %s, %s, %s and %s', async (app_name, repo_name, namespace, db_name) => {
    const odd = await render({ app_name, repo_name, namespace, db_name });
    for (const file of (await filesIn(join(odd, 'deploy'))).filter((name) => name.endsWith('.yaml'))) {
      const [document] = parseAllDocuments(await readFile(file, 'utf8'), { version: '1.1' });
      const wrong = leaves(document?.toJS()).filter(([key, value]) => typeof value !== 'string' && !meantOtherwise.test(key));
      expect([file, wrong]).toEqual([file, []]);
    }
  });

  it('lets the service start before its credential exists', async () => {
    const deployment = JSON.stringify(await manifest(root, 'deployment.yaml'));
    expect(deployment).toContain('"secret":{"secretName":"shop-db","optional":true');
  });

  it('holds no secret', async () => {
    const statefulSet = JSON.stringify(await manifest(root, 'mysql-statefulset.yaml'));
    expect(statefulSet).toContain(
      '{"name":"MYSQL_PASSWORD","valueFrom":{"secretKeyRef":{"name":"mysql-shop","key":"password"}}}',
    );
    for (const file of await filesIn(join(root, 'deploy'))) {
      expect(await readFile(file, 'utf8')).not.toMatch(/^kind: Secret$/m);
    }
  });

  it('puts the database in the wave before the service', async () => {
    const waves = async (name: string) =>
      ((await manifest(root, name))['metadata'] as { annotations: Record<string, string> }).annotations[
        'argocd.argoproj.io/sync-wave'
      ];
    for (const name of ['mysql-volume', 'mysql-grants', 'mysql-statefulset', 'mysql-service', 'mysql-network-policy'])
      expect(await waves(`${name}.yaml`)).toBe('-1');
    for (const name of ['deployment', 'service', 'service-account', 'network-policy', 'external-secret'])
      expect(await waves(`${name}.yaml`)).toBe('0');
  });

  it('is the same on every rendering', async () => {
    const other = await render(inputs);
    for (const file of await filesIn(root)) {
      const twin = file.replace(root, other);
      expect(await readFile(twin)).toEqual(await readFile(file));
      expect((await stat(twin)).mode).toBe((await stat(file)).mode);
    }
  });

  it('is Python that compiles', async () => {
    const run = promisify(execFile);
    const present = await run('python3', ['--version']).then(
      () => true,
      () => false,
    );
    if (!present) return console.warn('Not tried: there is no python3 here.');
    const files = (await filesIn(root)).filter((file) => file.endsWith('.py'));
    expect(files.length).toBeGreaterThan(10);
    await run('python3', ['-m', 'py_compile', ...files]);
  });
});

/** Keys of manifests whose values are numbers and booleans by right. */
const meantOtherwise =
  /port|replicas|seconds|threshold|mode|optional|user|group|privilege|readonly|nonroot|token|links|limit|surge|unavailable/i;

async function manifest(root: string, name: string): Promise<Record<string, unknown>> {
  const [document] = parseAllDocuments(await readFile(join(root, 'deploy', name), 'utf8'));
  return document?.toJS() as Record<string, unknown>;
}

function leaves(value: unknown, key = ''): [string, unknown][] {
  if (typeof value !== 'object' || value === null) return [[key, value]];
  return Object.entries(value).flatMap(([name, item]) => leaves(item, Array.isArray(value) ? key : name));
}
