import { Registry, type StepDefinition } from '@slipway/engine';
import { validateTemplate } from './validate-template.js';

const steps = new Registry([
  { name: 'test', steps: [{ id: 'debug:log' }, { id: 'fetch:template' }] as StepDefinition[], kinds: [] },
]);

const head = `apiVersion: scaffolder.backstage.io/v1beta3
kind: Template
metadata: { name: sample, annotations: { anything: goes } }
`;

function check(spec: string): { severity: string; code: string; path: string; line?: number | undefined; message: string }[] {
  const text = `${head}spec:\n${spec.replace(/^/gm, '  ')}`;
  return validateTemplate(text, { steps }).findings.map(({ severity, code, path, line, message }) => ({
    severity,
    code,
    path,
    line,
    message,
  }));
}

it('finds nothing in a template as Backstage writes them', () => {
  expect(
    check(`type: service
owner: group:platform
parameters:
  - title: One
    properties: { app_name: { type: string, ui:field: EntityNamePicker } }
steps:
  - id: first
    name: First
    action: fetch:template
    input: { url: ./skeleton, values: { name: "\${{ parameters.app_name }}" } }
  - action: debug:log
    if: \${{ steps.first.output.files == 3 }}
    input: { message: "\${{ steps['first'].output.files }}" }
output: { links: [{ title: x, url: y }], text: [] }`),
  ).toEqual([]);
});

it.each<[string, string, { code: string; path?: string; line?: number; said?: string; severity?: string }]>([
  [
    'an unknown key in a step',
    'steps:\n  - action: debug:log\n    need: []',
    { code: 'unknown_key', path: 'spec.steps.0.need', line: 7, said: 'did you mean "needs"' },
  ],
  [
    'an unknown key in retry',
    'steps:\n  - action: debug:log\n    retry: { attempt: 3 }',
    { code: 'unknown_key', said: '"attempts"' },
  ],
  [
    'an unknown key in spec',
    'dedline: 3m\nsteps: [{ action: debug:log }]',
    { code: 'unknown_key', severity: 'warning', said: '"deadline"' },
  ],
  ['an unknown action', 'steps:\n  - action: debug:lag', { code: 'unknown_action', line: 6, said: 'Did you mean "debug:log"' }],
  [
    'a duplicate id',
    'steps:\n  - { id: a, action: debug:log }\n  - { id: a, action: debug:log }',
    { code: 'duplicate_id', path: 'spec.steps.1.id', line: 7 },
  ],
  [
    'a duplicate of a given number',
    'steps:\n  - { id: step-2, action: debug:log }\n  - { action: debug:log }',
    { code: 'duplicate_id' },
  ],
  [
    'an unknown need',
    'steps:\n  - { id: push, action: debug:log, needs: [pusch] }',
    { code: 'unknown_need', said: 'did you mean "push"' },
  ],
  [
    'a reference to an unknown step',
    'steps:\n  - { action: debug:log, input: { a: "${{ steps.x.output.y }}" } }',
    { code: 'unknown_step' },
  ],
  [
    'a dashed id without brackets',
    'steps:\n  - { id: my-x, action: debug:log }\n  - { action: debug:log, input: { a: "${{ steps.my-x.output.y }}" } }',
    { code: 'unknown_step', said: "steps['my-x']" },
  ],
  [
    'a cycle by needs',
    'steps:\n  - { id: a, action: debug:log, needs: [b] }\n  - { id: b, action: debug:log, needs: [a] }',
    { code: 'cycle', said: 'a → b → a' },
  ],
  [
    'a cycle by a reference',
    'steps:\n  - { id: a, action: debug:log, needs: [], input: { x: "${{ steps.a.output.y }}" } }',
    { code: 'cycle', said: 'a → a' },
  ],
  [
    'a duration that is none',
    'deadline: soon\nsteps: [{ action: debug:log }]',
    { code: 'schema_custom', path: 'spec.deadline', said: '90s' },
  ],
  ['no steps', 'steps: []', { code: 'schema_too_small', path: 'spec.steps' }],
  [
    'an operation that is none',
    'operation: UPDATE\nsteps: [{ action: debug:log }]',
    { code: 'schema_invalid_value', path: 'spec.operation' },
  ],
  ['each', 'steps: [{ action: debug:log, each: [1] }]', { code: 'unsupported' }],
  ['an if that is a text', 'steps: [{ action: debug:log, if: "yes" }]', { code: 'if_not_expression' }],
  [
    'broken syntax in an expression',
    'steps: [{ action: debug:log, input: { a: "${{ parameters. }}" } }]',
    { code: 'expression_syntax', path: 'spec.steps.0.input.a' },
  ],
  [
    'an unknown filter',
    'steps: [{ action: debug:log, input: { a: "${{ \'x\' | shout }}" } }]',
    { code: 'expression_syntax', said: 'shout' },
  ],
  [
    'an unknown parameter',
    'steps: [{ action: debug:log, input: { a: "${{ parameters.x }}" } }]',
    { code: 'unknown_parameter', severity: 'warning' },
  ],
  [
    'a page that is no schema',
    'parameters: { properties: { a: { type: strong } } }\nsteps: [{ action: debug:log }]',
    { code: 'parameters_invalid', path: 'spec.parameters.0' },
  ],
  [
    'a pattern that is none',
    'parameters: { properties: { a: { pattern: "[" } } }\nsteps: [{ action: debug:log }]',
    { code: 'parameters_invalid' },
  ],
  [
    'a reserved key',
    'parameters: { properties: { __proto__: { type: string } } }\nsteps: [{ action: debug:log }]',
    { code: 'reserved_key' },
  ],
])('%s', (_, spec, { code, path, line, said = '', severity = 'error' }) => {
  const found = check(spec).find((finding) => finding.code === code && finding.severity === severity);
  expect(found).toBeDefined();
  if (path !== undefined) expect(found?.path).toBe(path);
  if (line !== undefined) expect(found?.line).toBe(line);
  expect(found?.message).toContain(said);
});

it('names a missing action once, however often it is used', () => {
  const found = check('steps: [{ action: publish:gitlab }, { action: publish:gitlab }]').filter(
    ({ code }) => code === 'unknown_action',
  );
  expect(found).toHaveLength(1);
});

it.each([
  ['no YAML', 'a: [', 'yaml_syntax'],
  ['a repeated key', 'a: 1\na: 2', 'yaml_syntax'],
  [
    'an alias bomb',
    `a0: &a0 [x]\n${Array.from({ length: 12 }, (_, n) => `a${n + 1}: &a${n + 1} [${`*a${n},`.repeat(10)}]`).join('\n')}`,
    'yaml_refused',
  ],
  ['absurd nesting', '['.repeat(100_000), 'yaml_'],
  ['a huge file', 'x'.repeat(2_000_000), 'yaml_too_large'],
  [
    'another version',
    'apiVersion: backstage.io/v1beta2\nkind: Template\nmetadata: { name: a }\nspec: { steps: [{ action: debug:log }] }',
    'schema_invalid_value',
  ],
])('refuses %s', (_, text, code) => {
  const { document, findings } = validateTemplate(text, { steps });
  expect(document).toBeNull();
  expect(findings[0]?.code).toContain(code);
});
