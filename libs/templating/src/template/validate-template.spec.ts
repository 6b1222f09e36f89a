import { defineStep, Registry, type StepDefinition } from '@slipway/engine';
import { z } from 'zod';
import { validateTemplate } from './validate-template.js';

const publish = defineStep({
  id: 'publish:github',
  description: '',
  input: z.strictObject({
    repoUrl: z.string().min(3),
    private: z.boolean().default(true),
    topics: z.array(z.string()).optional(),
    nested: z.strictObject({ count: z.number().optional() }).optional(),
  }),
  output: z.object({ remoteUrl: z.string(), commitHash: z.string() }),
  workspace: 'read',
  run: () => Promise.reject(new Error('not in this test')),
});
const lenient = defineStep({ ...publish, id: 'github:repo:create', input: z.object({ repoUrl: z.string(), topics: z.array(z.string()).optional() }) });
const steps = new Registry([
  { name: 'test', steps: [{ id: 'debug:log' }, { id: 'fetch:template' }] as StepDefinition[], kinds: [] },
  { name: 'github', steps: [publish, lenient], kinds: [] },
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
  ['each over a text', 'steps: [{ action: debug:log, each: "a, b" }]', { code: 'each_not_list', path: 'spec.steps.0.each' }],
  ['each where there is none', 'steps: [{ action: debug:log, input: { a: "${{ each.value }}" } }]', { code: 'each_misplaced' }],
  [
    'an if that is a text',
    'steps: [{ action: debug:log, if: "yes" }]',
    { code: 'if_not_expression', severity: 'warning', said: 'always true' },
  ],
  [
    'an if that is an expression and more',
    'steps: [{ action: debug:log, if: "${{ parameters.a }} == 1" }]',
    { code: 'if_not_expression', severity: 'warning' },
  ],
  [
    'a secret in an if',
    'steps: [{ action: debug:log, if: "${{ secrets.a }}" }]',
    { code: 'secret_misplaced', path: 'spec.steps.0.if' },
  ],
  [
    'a secret in the output',
    'steps: [{ action: debug:log }]\noutput: { links: [{ title: a, url: "http://x/${{ secrets.a }}" }] }',
    { code: 'secret_misplaced', path: 'spec.output.links.0.url', line: 6 },
  ],
  ['a secret in the name', 'identifier: "${{ secrets.a }}"\nsteps: [{ action: debug:log }]', { code: 'secret_misplaced' }],
  [
    'the item of a secret in an if',
    'steps: [{ action: debug:log, each: "${{ secrets.a }}", if: "${{ each.value }}" }]',
    { code: 'secret_misplaced', path: 'spec.steps.0.if' },
  ],
  [
    'a default for a secret',
    'parameters: { properties: { pw: { type: string, ui:field: Secret, default: hunter2 } } }\nsteps: [{ action: debug:log }]',
    { code: 'secret_in_clear', severity: 'warning', said: 'default' },
  ],
  [
    'a password that is no secret',
    'parameters: { properties: { pw: { type: string, ui:widget: password } } }\nsteps: [{ action: debug:log }]',
    { code: 'secret_in_clear', severity: 'warning', said: 'ui:field: Secret' },
  ],
  [
    'a schema of secrets that is none',
    'secrets: { schema: { properties: { a: { type: text } } } }\nsteps: [{ action: debug:log }]',
    { code: 'parameters_invalid', path: 'spec.secrets.schema.properties.a.type' },
  ],
  [
    'a secret nobody asks for',
    'steps: [{ action: debug:log, input: { a: "${{ secrets.a }}" } }]',
    { code: 'unknown_secret', severity: 'warning' },
  ],
  [
    'a secret read as a parameter',
    'parameters: { properties: { pw: { type: string, ui:field: Secret } } }\nsteps: [{ action: debug:log, input: { a: "${{ parameters.pw }}" } }]',
    { code: 'secret_as_parameter', severity: 'warning', said: 'secrets.pw' },
  ],
  [
    'a secret inside a group',
    'parameters: { properties: { a: { type: object, properties: { pw: { ui:field: Secret } } } } }\nsteps: [{ action: debug:log }]',
    { code: 'secret_nested', said: 'a.properties.pw' },
  ],
  [
    'credentials of the person',
    'parameters: { properties: { r: { ui:field: RepoUrlPicker, ui:options: { requestUserCredentials: { secretsKey: T } } } } }\nsteps: [{ action: debug:log }]',
    { code: 'user_credentials', severity: 'warning', said: 'secrets.T' },
  ],
  [
    'a name that is none',
    'steps: [{ action: debug:log, input: { a: "${{ paramters.x }}" } }]',
    { code: 'unknown_name', severity: 'warning', said: 'did you mean "parameters"' },
  ],
  [
    'an output that a step does not give',
    'steps:\n  - { id: p, action: publish:github, input: { repoUrl: abc } }\n  - { action: debug:log, input: { a: "${{ steps.p.output.remoteURL }}" } }',
    { code: 'unknown_output', severity: 'warning', said: 'did you mean "remoteUrl"' },
  ],
  [
    'a step in the output that is none',
    'steps: [{ id: log, action: debug:log }]\noutput: { text: [{ content: "${{ steps.lag.output.x }}" }] }',
    { code: 'unknown_step', said: 'did you mean "log"' },
  ],
  [
    'a link to nowhere',
    'steps: [{ action: debug:log }]\noutput: { links: [{ title: a }] }',
    { code: 'output_invalid', severity: 'warning', path: 'spec.output.links.0' },
  ],
  [
    'a link with a key too many',
    'steps: [{ action: debug:log }]\noutput: { links: [{ url: "https://example.org", text: a }] }',
    { code: 'output_invalid', severity: 'warning', said: 'It has "text", which nothing reads.' },
  ],
  [
    'an input of the wrong type',
    'steps: [{ action: publish:github, input: { repoUrl: abc, private: "no" } }]',
    { code: 'input_invalid', path: 'spec.steps.0.input.private', line: 5 },
  ],
  ['an input that is missing', 'steps: [{ action: publish:github }]', { code: 'input_invalid', path: 'spec.steps.0.input.repoUrl' }],
  [
    'an input nobody takes',
    'steps: [{ action: publish:github, input: { repoURL: abc, repoUrl: "${{ parameters.x }}" } }]',
    { code: 'input_unknown', path: 'spec.steps.0.input.repoURL' },
  ],
  [
    'an input that is overlooked',
    'steps: [{ action: github:repo:create, input: { repoUrl: abc, protectDefaultBranch: false } }]',
    { code: 'input_overlooked', severity: 'warning', path: 'spec.steps.0.input.protectDefaultBranch', said: 'nothing is done about it' },
  ],
  [
    'an input that is overlooked since it is misspelt',
    'steps: [{ action: github:repo:create, input: { repoUrl: abc, topic: [a] } }]',
    { code: 'input_overlooked', severity: 'warning', said: 'did you mean "topics"' },
  ],
  [
    'a misspelt input',
    'steps: [{ action: publish:github, input: { repoURL: abc } }]',
    { code: 'input_unknown', said: 'did you mean "repoUrl"' },
  ],
  [
    'a feature flag',
    'steps: [{ action: debug:log, backstage:featureFlag: beta }]',
    { code: 'backstage_key', severity: 'warning', path: 'spec.steps.0.backstage:featureFlag' },
  ],
  [
    'a permission on a field',
    'parameters: { properties: { a: { type: string, backstage:permissions: { tags: [x] } } } }\nsteps: [{ action: debug:log }]',
    { code: 'backstage_key', severity: 'warning' },
  ],
  [
    'a field that breaks the rules of its own schema',
    'parameters: { properties: { a: { type: string, required: true } } }\nsteps: [{ action: debug:log }]',
    { code: 'parameters_ignored', severity: 'warning', path: 'spec.parameters.0.properties.a.required' },
  ],
  [
    'a pattern that may take any time',
    'parameters: { properties: { a: { type: string, pattern: "^(?!-).*$" } } }\nsteps: [{ action: debug:log }]',
    { code: 'pattern_not_linear', severity: 'warning', path: 'spec.parameters.0.properties.a.pattern' },
  ],
  [
    'a placeholder for something elsewhere',
    'steps:\n  - $yaml: https://example.com/step.yaml\n  - { action: debug:log, needs: [other] }',
    { code: 'placeholder_unresolved', path: 'spec.steps.0.$yaml', line: 6 },
  ],
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
    { code: 'parameters_invalid', path: 'spec.parameters.0.properties.a.type', said: 'did you mean "string"' },
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

it.each([
  ['what an expression will say', 'steps: [{ action: publish:github, input: { repoUrl: "${{ x }}", private: "${{ x }}", topics: "${{ x }}" } }]'],
  ['parts of it', 'steps: [{ action: publish:github, input: { repoUrl: "a${{ x }}", topics: ["${{ x }}"], nested: { count: "${{ x }}" } } }]'],
])('leaves to the run %s', (_, spec) => {
  expect(check(spec).filter(({ severity }) => severity === 'error')).toEqual([]);
});

it('knows secrets by every way they are asked for', () => {
  const found = check(`parameters:
  - properties: { a: { ui:field: Secret }, r: { ui:field: RepoUrlPicker, ui:options: { requestUserCredentials: { secretsKey: b } } } }
secrets: { schema: { type: object, properties: { c: { type: string } } } }
steps:
  - action: debug:log
    each: \${{ secrets.a }}
    input: { m: "\${{ secrets.a }} \${{ secrets.b }} \${{ secrets.c }}" }`);
  expect(found.map(({ code }) => code)).toEqual(['user_credentials']);
});

it('takes names and ids as Backstage does', () => {
  const text = `${head.replace('sample', '3scale.api-v1.0')}spec: { steps: [{ id: "1. fetch it", action: debug:log, input: }, { action: debug:log, input: { a: "\${{ steps['1. fetch it'].output.x }}" } }], output: }`;
  expect(validateTemplate(text, { steps }).findings).toEqual([]);
});

describe('placeholders', () => {
  const files: Record<string, string> = {
    './steps/log.yaml': 'id: log\naction: debug:log\ninput: { message: { $text: ./hello.txt } }',
    './hello.txt': 'Hello ${{ user.ref }}',
    './page.json': '{ "properties": { "a": { "type": "string" } } }',
    './round.yaml': '$yaml: ./round.yaml',
    './hostile.yaml': '{ "__proto__": { "x": 1 } }',
  };
  const validate = (spec: string) => validateTemplate(`${head}spec: ${spec}`, { steps, readBeside: (path) => files[path] ?? null });

  it('are what their files hold', () => {
    const { document, findings } = validate('{ parameters: { $json: ./page.json }, steps: [{ $yaml: ./steps/log.yaml }] }');
    expect(findings).toEqual([]);
    expect(document?.spec.parameters).toEqual([{ properties: { a: { type: 'string' } } }]);
    expect(document?.spec.steps[0]).toMatchObject({ id: 'log', input: { message: 'Hello ${{ user.ref }}' } });
  });

  it.each([
    ['./none.yaml', 'placeholder_unresolved'],
    ['./round.yaml', 'placeholder_unresolved'],
    ['./hello.txt\0', 'placeholder_unresolved'],
    ['./hostile.yaml', 'reserved_key'],
  ])('that cannot be read are one finding: %s', (path, code) => {
    const { findings } = validate(`{ steps: [{ $yaml: ${JSON.stringify(path)} }, { action: debug:log }] }`);
    expect(findings.map((finding) => finding.code)).toEqual([code]);
  });
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
