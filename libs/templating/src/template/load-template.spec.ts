import { join } from 'node:path';
import { TemplateInvalid } from './finding.js';
import { loadGoldenPath, loadGoldenPaths } from './load-template.js';
import { removeTemporaryFolders, temporaryFolder } from '../testing/temporary-folder.js';

afterEach(removeTemporaryFolders);

function template(name: string, more = ''): string {
  return `apiVersion: scaffolder.backstage.io/v1beta3
kind: Template
metadata: { name: ${name} }
spec: { steps: [{ id: a, action: debug:log }]${more} }
`;
}

it('finds templates in folders of their own, and none below one', async () => {
  const path = await temporaryFolder({
    'templates/go/template.yaml': template('go'),
    'templates/node/template.yaml': template('node'),
    'templates/node/content/template.yaml': template('content_of_node'),
    'parts/ci/ci.yaml': '',
    '.github/template.yaml': template('hidden'),
    'a/b/c/d/template.yaml': template('too_deep'),
  });
  expect((await loadGoldenPath(path)).map(({ templatePath }) => templatePath)).toEqual(['templates/go/template.yaml', 'templates/node/template.yaml']);
});

it('loads every action of a path over one archive', async () => {
  const path = await temporaryFolder({
    'make/template.yaml': template('make_it'),
    'remove/template.yaml': template('remove_it', ', operation: DELETE, blueprint: thing'),
    'skeleton/template.yaml': 'a file of the skeleton, and no action',
    'skeleton/__pycache__/x.pyc': '',
  });
  const loaded = await loadGoldenPath(path);
  expect(
    loaded.map(({ identifier, title, operation, blueprint, templatePath }) => ({
      identifier,
      title,
      operation,
      blueprint,
      templatePath,
    })),
  ).toEqual([
    { identifier: 'make_it', title: 'make_it', operation: 'CREATE', blueprint: 'service', templatePath: 'make/template.yaml' },
    {
      identifier: 'remove_it',
      title: 'remove_it',
      operation: 'DELETE',
      blueprint: 'thing',
      templatePath: 'remove/template.yaml',
    },
  ]);
  expect(new Set(loaded.map(({ digest }) => digest)).size).toBe(1);
});

it('keeps its digest when tests were run in the skeleton, and changes it with the skeleton', async () => {
  const files = { 'make/template.yaml': template('make_it'), 'skeleton/app.py': 'x' };
  const digestOf = async (more: Record<string, string>) =>
    (await loadGoldenPath(await temporaryFolder({ ...files, ...more })))[0]?.digest;
  const digest = await digestOf({});
  expect(await digestOf({ 'skeleton/__pycache__/app.pyc': 'x', 'skeleton/.pytest_cache/y': '' })).toBe(digest);
  expect(await digestOf({ 'skeleton/app.py': 'y' })).not.toBe(digest);
});

it('loads a path of one action, as Backstage lays it out', async () => {
  const [only] = await loadGoldenPath(await temporaryFolder({ 'template.yaml': template('single'), 'skeleton/a': '' }));
  expect(only?.templatePath).toBe('template.yaml');
});

it('says everything that is wrong with a template', async () => {
  const path = await temporaryFolder({ 'make/template.yaml': template('make_it', ', deadline: soon, onFailure: maybe') });
  const failure = await loadGoldenPath(path).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(TemplateInvalid);
  expect((failure as TemplateInvalid).findings.map(({ path: at }) => at)).toEqual(['spec.onFailure', 'spec.deadline']);
  expect((failure as TemplateInvalid).message).toContain('spec.deadline');
});

it('says when there is no template at all', async () => {
  await expect(loadGoldenPath(await temporaryFolder({ 'skeleton/a': '' }))).rejects.toThrow('no template');
});

it('refuses two actions of one name', async () => {
  const folder = await temporaryFolder({ 'one/a/template.yaml': template('same'), 'two/a/template.yaml': template('same') });
  await expect(loadGoldenPaths(folder)).rejects.toThrow('"same"');
});

it('reads what a placeholder names inside the golden path, and nothing outside', async () => {
  const outside = await temporaryFolder({ 'step.yaml': 'action: debug:log' });
  const placeholder = (path: string) => template('make_it').replace('{ id: a, action: debug:log }', `{ $yaml: ${path} }`);
  const load = async (path: string) =>
    loadGoldenPath(
      await temporaryFolder({
        'make/template.yaml': placeholder(path),
        'steps/log.yaml': '{ id: shared, action: debug:log }',
        'steps/link.yaml': { link: join(outside, 'step.yaml') },
      }),
    );
  expect((await load('../steps/log.yaml'))[0]?.document.spec.steps[0]?.id).toBe('shared');
  for (const path of ['../steps/link.yaml', `../../../../../../..${outside}/step.yaml`, '../steps', '../../none.yaml'])
    await expect(load(path)).rejects.toThrow('placeholder_unresolved');
});
