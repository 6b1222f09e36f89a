import { compilePlan } from './compile-plan.js';
import { validateTemplate } from './validate-template.js';

function compile(spec: string, templatePath = 'make/template.yaml') {
  const head = 'apiVersion: scaffolder.backstage.io/v1beta3\nkind: Template\nmetadata: { name: sample }';
  const text = `${head}\nspec:\n${spec.replace(/^/gm, '  ')}`;
  const { document, findings } = validateTemplate(text);
  if (!document) throw new Error(JSON.stringify(findings));
  return compilePlan({ document, templatePath });
}

function needsOf(steps: string): Record<string, string[]> {
  return Object.fromEntries(compile(`steps:\n${steps}`).steps.map((step) => [step.id, step.needs]));
}

it.each<[string, string, Record<string, string[]>]>([
  [
    'as written, one after the other',
    '- { id: a, action: x }\n- { id: b, action: x }\n- { action: x }',
    { a: [], b: ['a'], 'step-3': ['b'] },
  ],
  ['nothing, when it says so', '- { id: a, action: x }\n- { id: b, action: x, needs: [] }', { a: [], b: [] }],
  [
    'a reference beside what it says',
    '- { id: a, action: x }\n- { id: b, action: x, needs: [], input: { v: "${{ steps.a.output.v }}" } }',
    { a: [], b: ['a'] },
  ],
  [
    'a reference in brackets',
    `- { id: a-b, action: x }\n- { id: c, action: x, needs: [], input: { v: "\${{ steps['a-b'].output.v }}" } }`,
    { 'a-b': [], c: ['a-b'] },
  ],
  [
    'a reference deep inside',
    '- { id: a, action: x }\n- { id: b, action: x, needs: [], input: { v: [{ w: "x ${{ 1 + steps.a.output.v }}" }] } }',
    { a: [], b: ['a'] },
  ],
  [
    'a reference in if',
    '- { id: a, action: x }\n- { id: b, action: x, needs: [], if: "${{ steps.a.output.v }}" }',
    { a: [], b: ['a'] },
  ],
  [
    'a reference in a tag',
    '- { id: a, action: x }\n- { id: b, action: x, needs: [], input: { v: "{% if steps.a.output.v %}x{% endif %}" } }',
    { a: [], b: ['a'] },
  ],
  [
    'a reference in each',
    '- { id: a, action: x }\n- { id: b, action: x, needs: [], each: "${{ steps.a.output.v }}" }',
    { a: [], b: ['a'] },
  ],
  [
    'no reference in a text',
    '- { id: a, action: x }\n- { id: b, action: x, needs: [], input: { v: "steps.a ${{ \'steps.a\' }}" } }',
    { a: [], b: [] },
  ],
  [
    'no need twice',
    '- { id: a, action: x }\n- { id: b, action: x, needs: [a], input: { v: "${{ steps.a.output.v }}" } }',
    { a: [], b: ['a'] },
  ],
])('a step waits for %s', (_, steps, expected) => {
  expect(needsOf(steps)).toEqual(expected);
});

it('fills in what a template leaves open', () => {
  expect(compile('steps: [{ id: a, action: x, input: { v: "${{ parameters.v }}" } }]')).toEqual({
    steps: [
      {
        id: 'a',
        name: 'a',
        action: 'x',
        needs: [],
        input: { v: '${{ parameters.v }}' },
        timeoutMs: 300_000,
        retry: { attempts: 5, withinMs: 600_000 },
      },
    ],
    onFailure: 'undo',
    deadlineMs: 1_800_000,
  });
});

it('takes over what it says', () => {
  const plan = compile(`deadline: PT1H
onFailure: keep
steps:
  - { id: a, name: A, action: x, if: false, timeout: 90s, retry: { attempts: 2, within: 1m }, onFailure: keep }`);
  expect(plan).toEqual({
    steps: [
      {
        id: 'a',
        name: 'A',
        action: 'x',
        needs: [],
        if: false,
        input: {},
        timeoutMs: 90_000,
        retry: { attempts: 2, withinMs: 60_000 },
        onFailure: 'keep',
      },
    ],
    onFailure: 'keep',
    deadlineMs: 3_600_000,
  });
});

it.each<[string, object]>([
  ['false', { if: false }],
  ['"true"', { if: true }],
  ['"${{ parameters.a }}"', { if: '${{ parameters.a }}' }],
  ['"\\n${{ parameters.a }}\\n"', { if: '${{ parameters.a }}' }],
  ['"${{ always() }}"', { if: '${{ always() }}', when: 'always' }],
  ['"${{ failure() }}"', { if: '${{ failure() }}', when: 'failure' }],
  ['"${{ failure() and parameters.a }}"', { if: '${{ failure() and parameters.a }}', when: 'failure' }],
  ['"${{ failure() or parameters.a }}"', { if: '${{ failure() or parameters.a }}', when: 'always' }],
  ['"${{ not failure() }}"', { if: '${{ not failure() }}', when: 'always' }],
  ['"${{ always() and not failure() }}"', { if: '${{ always() and not failure() }}', when: 'always' }],
])('the condition %s', (condition, expected) => {
  const [step] = compile(`steps: [{ action: x, if: ${condition} }]`).steps;
  expect({ if: step?.if, when: step?.when }).toEqual({ when: undefined, ...expected });
});

it('hands on what a step runs for', () => {
  expect(compile('steps: [{ action: x, each: [a, b] }]').steps[0]?.each).toEqual(['a', 'b']);
});

it.each([
  ['CREATE', 'undo'],
  ['DAY-2', 'keep'],
  ['DELETE', 'keep'],
])('%s does %s by default', (operation, onFailure) => {
  expect(compile(`operation: ${operation}\nsteps: [{ action: x }]`).onFailure).toBe(onFailure);
});

it.each([
  ['make/template.yaml', '../skeleton', './make/../skeleton'],
  ['make/template.yaml', './files', './make/./files'],
  ['make/template.yaml', 'https://example.com/x', 'https://example.com/x'],
  ['make/template.yaml', '${{ parameters.url }}', '${{ parameters.url }}'],
  ['make/template.yaml', 'skeleton', './make/skeleton'],
  ['template.yaml', './skeleton', './skeleton'],
])('in %s the url %s is told from the archive’s root', (templatePath, url, expected) => {
  const plan = compile(`steps: [{ action: "fetch:template", input: { url: "${url}" } }]`, templatePath);
  expect(plan.steps[0]?.input['url']).toBe(expected);
});

it.each<[string, string, object]>([
  ['as Backstage has it', 'steps: [{ action: "fetch:template", input: { url: ./a } }]', { missing: 'empty' }],
  ['as the step says', 'steps: [{ action: "fetch:template", input: { url: ./a, missing: fail } }]', { missing: 'fail' }],
  ['strictly with a key of ours', 'deadline: 5m\nsteps: [{ action: "fetch:template", input: { url: ./a } }]', {}],
  ['strictly with one in a step', 'steps: [{ action: "fetch:template", timeout: 5m, input: { url: ./a } }]', {}],
  ['not at all where nothing is rendered', 'steps: [{ action: "fetch:plain", input: { url: ./a } }]', {}],
])('takes what has no value in a skeleton %s', (_, spec, expected) => {
  expect(compile(spec).steps[0]?.input).toEqual({ url: './make/./a', ...expected });
});
