import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { filesForTest, runCli } from '../../testing/run-cli.js';

const template = `apiVersion: scaffolder.backstage.io/v1beta3
kind: Template
metadata: { name: notes }
spec:
  type: service
  identifier: \${{ parameters.name }}
  parameters: { required: [name], properties: { name: { type: string }, token: { type: string, ui:field: Secret } } }
  steps:
    - { id: repository, action: github:repo:create, input: { name: '\${{ parameters.name }}' } }
    - { id: render, needs: [], action: fetch:template, input: { url: ./skeleton, values: { name: '\${{ parameters.name }}' } } }
    - { id: say, needs: [], action: debug:log, input: { message: 'token \${{ secrets.token }}' } }
    - id: push
      needs: [render]
      action: github:repo:push
      input: { repository: '\${{ steps.repository.output.fullName }}', message: first }
`;
const push = "{ system: github, match: { method: POST, path: '**/git-receive-pack' }, fault: status, status: 403 }";

const folder = filesForTest({
  'template.yaml': template,
  'skeleton/README.md': '# ${{ values.name }}\n',
  'template.test.yaml': `cases:
  - name: comes up
    values: { name: notes }
    secrets: { token: made-up-for-the-test }
    expect:
      files: [{ path: README.md, contains: '# notes' }, { path: other.md, absent: true }]
      resources: [github:repository acme/notes]
      log: [Pushed, 'token [secret]']
  - name: comes down
    values: { name: notes }
    faults: [${push}]
    expect: { status: FAILED, steps: { push: FAILED, repository: UNDONE }, resources: [] }
  - name: is cancelled
    values: { name: notes }
    cancelAt: push
    expect: { status: CANCELLED, resources: [] }
  - name: expects too much
    values: { name: notes }
    faults: [{ system: akeyless, match: { method: POST, path: /nowhere }, fault: reset, times: 1 }]
    expect: { files: [{ path: README.md, contains: '<b>' }, nothing.txt], resources: [], failure: none_at_all }
  - name: has wrong values
    values: { nam: notes }
`,
  'wrong/template.yaml': template,
  'wrong/template.test.yaml': 'cases: [{ name: x, valeus: {}, expect: { status: DONE } }]\n',
  'bare/template.yaml': template,
});

describe('slipway template test', () => {
  it('plays each case against a sandbox of its own, and tells what was not as expected', async () => {
    const junit = path.join(folder(), 'junit.xml');
    const { status, stdout } = await runCli(['template', 'test', path.join(folder(), 'template.yaml'), '--json', '--junit', junit]);
    const { cases } = JSON.parse(stdout);
    const problems = Object.fromEntries(cases.map((one: { name: string; problems: string[] }) => [one.name, one.problems]));
    expect(problems).toEqual({
      'comes up': [],
      'comes down': [],
      'is cancelled': [],
      'expects too much': [
        'The failure is not there, not none_at_all.',
        'Standing at the end, and not expected: github:repository acme/notes.',
        'The file README.md does not hold "<b>".',
        'The file nothing.txt is missing.',
        expect.stringContaining('Nothing met the fault akeyless reset'),
      ],
      'has wrong values': [expect.stringContaining('The values are refused: properties.nam')],
    });
    expect(status).toBe(1);
    const report = await readFile(junit, 'utf8');
    expect(report).toContain('tests="5" failures="2"');
    expect(report).toContain('does not hold &#34;&#60;b&#62;&#34;');
  }, 180_000);

  it.each([
    ['a test file that is not one', 'wrong', 'cases.0.expect.status'],
    ['no test file', 'bare', 'There is no test file'],
  ])('does not begin with %s', async (_, name, said) => {
    const { status, stderr } = await runCli(['template', 'test', path.join(folder(), name)]);
    expect(status).toBe(2);
    expect(stderr).toContain(said);
  });

  it('passes what the product ships', async () => {
    const { status, stdout } = await runCli(['template', 'test', path.join(import.meta.dirname, '../../../../../templates')]);
    expect({ status, stdout }).toEqual({ status: 0, stdout: expect.stringMatching(/\n[1-9]\d* passed, 0 failed\n$/) });
  }, 300_000);
});
