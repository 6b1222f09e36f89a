import { depths } from '@slipway/engine';
import { checkParameters } from './parameters/check-parameters.js';
import { compilePlan } from './template/compile-plan.js';
import { goldenPathInputs as inputs, loadAction as action, loadActions } from './testing/golden-path.js';
import { removeTemporaryFolders } from './testing/temporary-folder.js';

/** The golden path that ships with the product: its actions load, and mean what they should. */
afterAll(removeTemporaryFolders);

it('loads without a finding', async () => {
  const loaded = await loadActions();
  expect(
    loaded.map(({ identifier, operation, blueprint, findings }) => ({ identifier, operation, blueprint, findings })),
  ).toEqual([
    { identifier: 'delete_service', operation: 'DELETE', blueprint: 'service', findings: [] },
    { identifier: 'deploy_python_flask_app', operation: 'CREATE', blueprint: 'service', findings: [] },
    { identifier: 'redeploy', operation: 'DAY-2', blueprint: 'service', findings: [] },
    { identifier: 'rotate_database_credentials', operation: 'DAY-2', blueprint: 'service', findings: [] },
  ]);
});

describe('deploy_python_flask_app', () => {
  it('compiles to its graph', async () => {
    const plan = compilePlan(await action('deploy_python_flask_app'));
    expect(Object.fromEntries(plan.steps.map(({ id, needs }) => [id, needs.toSorted()]))).toEqual({
      repository: [],
      access: [],
      workflow_access: ['repository'],
      render: ['access', 'repository', 'workflow_access'],
      push: ['render', 'repository'],
      environment: ['push', 'repository'],
      namespace: [],
      password: ['namespace'],
      registration: ['push', 'repository'],
      pull_secret: ['namespace'],
      project: ['repository'],
      application: ['password', 'project', 'pull_secret', 'registration'],
      database: ['application'],
      target: ['database', 'password'],
      credential: ['target'],
      probe: ['credential'],
      rotation: ['probe'],
      healthy: ['access', 'application', 'credential', 'push'],
    });
    expect(Math.max(...depths(plan).values())).toBe(10);
    expect(plan.onFailure).toBe('undo');
    expect(plan.steps.filter((step) => step.onFailure === 'keep').map(({ id }) => id)).toEqual(['healthy']);
  });

  it('tries the credential at the database of the service, for just its schema', async () => {
    const { steps } = compilePlan(await action('deploy_python_flask_app'));
    const inputOf = (id: string) => steps.find((step) => step.id === id)?.input as Record<string, unknown>;
    const { host, database } = inputOf('target');
    expect(inputOf('probe')).toEqual({ path: '${{ steps.credential.output.path }}', host, database });
    expect([host, database]).toEqual(['mysql-${{ parameters.app_name }}.${{ parameters.namespace }}.svc.cluster.local', '${{ parameters.db_name }}']);
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

describe('rotate_database_credentials', () => {
  it('ends the old credentials last, once every pod has a new one', async () => {
    const plan = compilePlan(await action('rotate_database_credentials'));
    expect(plan.onFailure).toBe('keep');
    expect(Object.fromEntries(plan.steps.map(({ id, needs }) => [id, needs.toSorted()]))).toEqual({
      service: [],
      password: ['service'],
      probe: ['password', 'service'],
      refresh: ['probe', 'service'],
      restart: ['refresh', 'service'],
      replaced: ['restart', 'service'],
      revoke: ['replaced', 'service'],
    });
    // Ready would do while former pods still serve.
    expect(plan.steps.find(({ id }) => id === 'replaced')?.input).toMatchObject({ for: 'replaced' });
  });
});
