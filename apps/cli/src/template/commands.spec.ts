import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { filesForTest, runCli } from '../testing/run-cli.js';

const good = `apiVersion: scaffolder.backstage.io/v1beta3
kind: Template
metadata: { name: notes }
spec:
  type: service
  identifier: \${{ parameters.name }}
  parameters:
    - title: Notes
      required: [name]
      properties:
        name: { type: string, title: Name, maxLength: 20 }
        greeting: { type: string, default: Hello }
  steps:
    - id: render
      action: fetch:template
      input: { url: ./skeleton, values: { name: '\${{ parameters.name }}', greeting: '\${{ parameters.greeting }}' } }
    - id: repository
      action: github:repo:create
      needs: []
      input: { name: '\${{ parameters.name }}' }
    - id: push
      needs: [render]
      action: github:repo:push
      input: { repository: '\${{ steps.repository.output.fullName }}', message: first }
`;

const folder = filesForTest({
  'good/template.yaml': good,
  'good/skeleton/${{ values.name }}.md': '${{ values.greeting }} ${{ values.name }}\n',
  'bad/template.yaml': good.replace('action: github:repo:push', 'action: github:repo:pusch').replace('needs: [render]', 'neds: [render]'),
  'broken/template.yaml': 'a: [',
  'secret/skeleton/a.md': 'a\n',
  'secret/template.yaml': good
    .replace('required: [name]', 'required: [name, token]')
    .replace('greeting: { type', "token: { type: string, title: Token, minLength: 8, ui:field: Secret }\n        greeting: { type")
    .replace('message: first', "message: 'first ${{ secrets.token }}'"),
  // As a repository of many templates has them: what they share lies beside them, and a file may be called anything.
  'shared/templates/notes/notes.yaml': good.replace('./skeleton', '../../parts/notes'),
  'shared/parts/notes/shared.md': '${{ values.name }}\n',
  'unnamed/template.yaml': good.replace(/ {2}identifier.*\n/, '').replace('required: [name]', 'required: []'),
  'secrets.yaml': 'token: hunter2-hunter2\n',
  'short.yaml': 'token: hunter2\n',
  'values.yaml': 'name: shop\n',
  'wrong.yaml': 'greeting: 7\n',
  'empty.yaml': '{}\n',
  'list.yaml': '- 1\n',
});

const at = (name: string): string => path.join(folder(), name);

describe('slipway template validate', () => {
  it('says nothing against a good template', async () => {
    expect(await runCli(['template', 'validate', at('good')])).toEqual({
      status: 0,
      stdout: '1 template: no errors, no warnings.\n',
      stderr: '',
    });
  });

  it('names file, line and column of every finding, in one document for all paths', async () => {
    const { status, stdout } = await runCli(['template', 'validate', at('good'), at('bad'), at('broken/template.yaml'), '--json']);
    expect(status).toBe(1);
    const { findings } = JSON.parse(stdout);
    expect(findings).toEqual(
      expect.arrayContaining([
        { severity: 'error', code: 'unknown_key', message: expect.stringContaining('needs'), file: at('bad/template.yaml'), line: 22, column: 7 },
        expect.objectContaining({ file: at('broken/template.yaml'), severity: 'error' }),
      ]),
    );
    expect(new Set(findings.map(({ file }: { file: string }) => file))).toEqual(new Set([at('bad/template.yaml'), at('broken/template.yaml')]));
  });

  it('writes findings as compilers do', async () => {
    const { status, stdout } = await runCli(['template', 'validate', 'bad'], folder());
    expect(status).toBe(1);
    expect(stdout).toContain('bad/template.yaml:22:7: error: "neds" is not known here');
  });

  it('finds every template of the product in order', async () => {
    const { status, stdout } = await runCli(['template', 'validate', path.join(import.meta.dirname, '../../../../templates')]);
    expect({ status, stdout }).toEqual({ status: 0, stdout: expect.stringMatching(/^\d+ templates: no errors/) });
  });
});

it.each([
  ['no command', []],
  ['an unknown command', ['template', 'destroy', '.']],
  ['no path', ['template', 'validate']],
  ['a path that is not there', ['template', 'validate', '/nowhere/at/all']],
  ['an unknown option', ['template', 'validate', '.', '--fast']],
  ['no values', ['template', 'dry-run', '.']],
  ['two paths', ['template', 'graph', '.', '.']],
])('does not understand %s: exit 2 and how it is used', async (_, args) => {
  const { status, stdout, stderr } = await runCli(args, folder());
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toContain('slipway template validate PATH');
});

describe('slipway template render', () => {
  it('writes what the steps leave in the workspace, defaults applied', async () => {
    const ended = await runCli(['template', 'render', at('good'), '--values', at('values.yaml'), '--out', at('out/deep')]);
    expect(ended).toEqual({ status: 0, stdout: `1 files in ${at('out/deep')}\n`, stderr: '' });
    expect(await readdir(at('out/deep'))).toEqual(['shop.md']);
    expect(await readFile(at('out/deep/shop.md'), 'utf8')).toBe('Hello shop\n');
  });

  it('leaves a folder alone that holds something', async () => {
    const { status, stderr } = await runCli(['template', 'render', at('good'), '--values', at('values.yaml'), '--out', at('good')]);
    expect(status).toBe(2);
    expect(stderr).toContain('is not empty');
  });

  it('says what is wrong with the values, by field', async () => {
    const { status, stderr } = await runCli(['template', 'render', at('good'), '--values', at('wrong.yaml'), '--out', at('out')]);
    expect(status).toBe(1);
    expect(stderr).toContain('properties.name: Name is required.');
    expect(stderr).toContain('properties.greeting: ');
    expect((await runCli(['template', 'render', at('good'), '--values', at('list.yaml'), '--out', at('out')])).status).toBe(2);
  });
});

describe('slipway template dry-run', () => {
  const dryRun = (...options: string[]) => runCli(['template', 'dry-run', at('good'), '--values', at('values.yaml'), ...options]);

  it('tells what each step would do, and the same hash each time', async () => {
    const { status, stdout } = await dryRun();
    expect(status).toBe(0);
    expect(stdout).toContain('creates Repository organisation/shop');
    const hash = /Plan ([0-9a-f]{64})/.exec(stdout)?.[1];
    const { stdout: json } = await dryRun('--json', '--content');
    expect(JSON.parse(json)).toMatchObject({
      hash,
      entity: { blueprint: 'service', identifier: 'shop' },
      graph: [{ from: 'render', to: 'push' }, { from: 'repository', to: 'push' }],
      files: [{ path: 'shop.md', content: 'Hello shop\n' }],
      steps: [{ id: 'render' }, { id: 'repository' }, { id: 'push', input: { repository: '${{ steps.repository.output.fullName }}' } }],
    });
  });

  it('checks secrets from a file of their own, and shows them nowhere', async () => {
    const secret = (...options: string[]) => runCli(['template', 'dry-run', at('secret'), '--values', at('values.yaml'), '--json', '--content', ...options]);
    const { status, stdout, stderr } = await secret('--secrets', at('secrets.yaml'));
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(JSON.parse(stdout).steps[2].input.message).toBe('first ${{ secrets.token }}');
    expect(stdout).not.toContain('hunter2');
    expect(await secret()).toEqual({ status: 1, stdout: '', stderr: 'properties.token: Token is required.\n' });
    expect(await secret('--secrets', at('short.yaml'))).toEqual({ status: 1, stdout: '', stderr: 'secrets.token: Token must be at least 8 characters long.\n' });
  });

  it('takes a file of any name, and skeletons that lie beside the templates', async () => {
    const { status, stdout } = await runCli(['template', 'dry-run', at('shared/templates/notes/notes.yaml'), '--values', at('values.yaml')]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/Files: 1\n.*shared\.md/);
  });

  it('says in a sentence why the entity can have no name', async () => {
    const { status, stderr } = await runCli(['template', 'dry-run', at('unnamed'), '--values', at('empty.yaml')]);
    expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringMatching(/^The entity's name, [^\n]+\n$/) });
  });

  it('fails where a step would', async () => {
    const { status, stderr } = await runCli(['template', 'dry-run', at('bad'), '--values', at('values.yaml')]);
    expect(status).toBe(1);
    expect(stderr).toContain('bad/template.yaml:22:7: error');
  });
});

it('draws the graph as a Mermaid flowchart', async () => {
  const { stdout } = await runCli(['template', 'graph', at('good')]);
  expect(stdout).toBe(`flowchart TD
  step_render_0["render<br/><small>fetch:template</small>"]
  step_repository_1["repository<br/><small>github:repo:create</small>"]
  step_push_2["push<br/><small>github:repo:push</small>"]
  step_render_0 --> step_push_2
  step_repository_1 --> step_push_2
`);
});
