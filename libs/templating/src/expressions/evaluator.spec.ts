import { StepError } from '@slipway/engine';
import { createEvaluator } from './evaluator.js';
import type { TemplateScope } from './expression-context.js';

const scope: TemplateScope = {
  parameters: {
    app_name: 'shop',
    count: 3,
    on: false,
    tags: ['a', 'b'],
    nothing: null,
    repoUrl: 'github.com?owner=acme&repo=shop',
  },
  steps: { repository: { output: { url: 'http://x', facts: { id: 7 } } }, 'first-push': { output: { commit: 'abc' } } },
  user: { ref: 'user:default/ada' },
  secrets: { token: 'placeholder-of-token' },
  environment: { parameters: { region: 'eu' } },
  each: { key: 'eu-1', value: { zone: 'a' } },
  failed: false,
  context: { task: { id: 'r_1' }, entity: { blueprint: 'service', identifier: 'shop' } },
};
const evaluator = createEvaluator();

describe('what an expression becomes', () => {
  it.each<[unknown, unknown]>([
    ['no expression', 'no expression'],
    ['{{ not ours }}', '{{ not ours }}'],
    ['${{ parameters.app_name }}', 'shop'],
    ['${{ parameters.count }}', 3],
    ['${{ parameters.on }}', false],
    ['${{ parameters.nothing }}', null],
    ['${{ parameters.tags }}', ['a', 'b']],
    ['${{ steps.repository.output.facts }}', { id: 7 }],
    ["${{ steps['first-push'].output.commit }}", 'abc'],
    ['mysql-${{ parameters.app_name }}.${{ context.entity.identifier }}', 'mysql-shop.shop'],
    ['${{ parameters.count }} of ${{ parameters.count }}', '3 of 3'],
    ['${{ parameters.missing | default("d") }}', 'd'],
    ['${{ not parameters.on }}', true],
    ['${{ "a" if parameters.on else "b" }}', 'b'],
    ['{% if parameters.on %}a{% else %}b{% endif %}', 'b'],
    ['{% for tag in parameters.tags %}<${{ tag }}>{% endfor %}', '<a><b>'],
    ['{% raw %}${{ github.ref }}{% endraw %}', '${{ github.ref }}'],
    ['${{ parameters.tags | dump }}', '["a","b"]'],
    ['${{ parameters.repoUrl | parseRepoUrl }}', { host: 'github.com', owner: 'acme', repo: 'shop' }],
    ['${{ parameters.repoUrl | parseRepoUrl | pick("owner") }}', 'acme'],
    ['${{ parameters.repoUrl | projectSlug }}', 'acme/shop'],
    ['${{ user.ref | parseEntityRef }}', { kind: 'user', namespace: 'default', name: 'ada' }],
    ['${{ user.entity.metadata.name }}', 'ada'],
    ['Bearer ${{ secrets.token }}', 'Bearer placeholder-of-token'],
    ['${{ environment.parameters.region }}', 'eu'],
    ['${{ each.key }} ${{ each.value.zone }}', 'eu-1 a'],
    ['${{ always() }}', true],
    ['${{ failure() or parameters.on }}', false],
    ['${{ parameters.nothing | default("d") }}', 'd'],
    ['${{ parameters.app_name | replace("s", "S") }}', 'Shop'],
    ['${{ "a  b c" | replace(r/\\s+/g, "-") }}', 'a-b-c'],
    ['${{ "AbA" | replace(r/a/gi, "x") }}', 'xbx'],
    ['${{ "AbA" | replace(r/(A)b/, "$1-") }}', 'A-A'],
    ['${{ parameters.app_name | upper | truncate(2, true, "") }}', 'SH'],
    ['${{ "ada" | parseEntityRef({ defaultKind: "user" }) | pick("kind") }}', 'user'],
    [
      { a: ['${{ parameters.count }}', { b: '${{ parameters.app_name }}!' }], c: 1 },
      { a: [3, { b: 'shop!' }], c: 1 },
    ],
    [{ '${{ parameters.app_name }}': 1 }, { '${{ parameters.app_name }}': 1 }],
    [null, null],
    [true, true],
  ])('%j', (value, expected) => {
    expect(evaluator.evaluate(value, scope)).toEqual(expected);
  });

  it.each<[string, unknown, unknown]>([
    ['a parameter that was left empty leaves its key out', { a: 1, b: '${{ parameters.missing }}' }, { a: 1 }],
    ['and its place in a list', ['${{ parameters.missing }}', 2], [2]],
    ['amid text it is nothing', 'a ${{ parameters.missing }} b', 'a  b'],
    ['through what would be inside it too', { b: '${{ parameters.missing.x }}' }, {}],
    ['below values the key stays', { values: { b: '${{ parameters.missing }}' } }, { values: { b: null } }],
    ['a secret nobody typed', { b: '${{ secrets.other }}' }, {}],
    ['what is not known of a person', { b: '${{ user.entity.spec.profile.email }}' }, {}],
    ['a step that was skipped', { b: '${{ steps.other.output.x }}' }, {}],
    ['a condition without an answer', '${{ parameters.missing }}', undefined],
  ])('%s', (_, value, expected) => {
    expect(evaluator.evaluate(value, scope)).toEqual(expected);
  });

  it('knows of a failure', () => {
    expect(evaluator.evaluate('${{ failure() and always() }}', { ...scope, failed: true })).toBe(true);
  });

  it('hands out values that can be changed, without touching the scope', () => {
    const tags = evaluator.evaluate('${{ parameters.tags }}', scope) as string[];
    tags.push('c');
    expect(scope.parameters['tags']).toEqual(['a', 'b']);
  });
});

describe('secrets', () => {
  it.each<[string, unknown, 'all' | string[]]>([
    ['none', { a: '${{ parameters.secrets }}', b: ['${{ "secrets.x" }}', 'secrets.y'] }, []],
    ['by name', { a: '${{ secrets.one }}', b: ['x ${{ secrets["two-b"] | upper }}'] }, ['one', 'two-b']],
    ['in a statement', '{% if secrets.one %}a{% endif %}', ['one']],
    ['all of them', '${{ secrets | dump }}', 'all'],
    ['one whose name is worked out', '${{ secrets[parameters.which] }}', 'all'],
    ['under another name', '{% set s = secrets %}${{ s.one }}', 'all'],
  ])('are known to be spoken of: %s', (_, value, names) => {
    expect(evaluator.secretsIn(value)).toEqual(names === 'all' ? 'all' : new Set(names));
  });

  it('stay as they were written where they are withheld, with all the text they stand in', () => {
    const value = { a: '${{ secrets.token }}', b: 'u:${{ secrets.token }}@${{ parameters.app_name }}', c: ['${{ secrets | dump }}'], d: '${{ parameters.app_name }}' };
    expect(evaluator.evaluate(value, { ...scope, secrets: 'withheld' })).toEqual({ ...value, d: 'shop' });
  });

  it('are not told by a text that a person gave, however it reads', () => {
    const given = { ...scope, parameters: { app_name: '${{ secrets.token }}' } };
    expect(evaluator.evaluate('${{ parameters.app_name }}/${{ secrets.token }}', given)).toBe('${{ secrets.token }}/placeholder-of-token');
  });
});

describe('what an expression must not do', () => {
  it.each([
    ['nothing there', '${{ paramters.missing }}', 'paramters.missing'],
    ['an output that a step does not have', '${{ steps.repository.output.uri }}', 'steps.repository.output.uri'],
    ['a step that was skipped, amid text', 'a ${{ steps.other.output.x }}', 'steps.other.output.x'],
    ['nothing of an item', '${{ each.value.other }}', 'each.value.other'],
    ['an unknown filter', '${{ parameters.app_name | shout }}', 'shout'],
    ['broken syntax', '${{ parameters. }}', 'parameters.'],
    ['an unterminated tag', '${{ parameters.app_name', 'Unterminated'],
    ['a filter that throws', '${{ "nowhere" | parseRepoUrl }}', 'names no repository'],
    ['a way out by the constructor', '${{ range.constructor("return process")() }}', 'constructor'],
    ['a way out by the prototype', '${{ parameters["__proto__"] }}', '__proto__'],
    ['an endless loop', '{% for i in range(100000000) %}x{% endfor %}', 'limit'],
    ['a text that grows beyond measure', '${{ "a" | replace("a", range(900000) | join) }}', 'limit'],
    ['a pattern no such engine knows', '${{ "a" | replace(r/(?=a)/, "") }}', 'replace'],
    ['the environment', '${{ process.env.HOME }}', 'process.env.HOME'],
    ['a way out by a filter', '${{ ("x" | replace).constructor }}', ''],
  ])('%s', (_, expression, said) => {
    expect(() => evaluator.evaluate({ input: { url: expression } }, scope)).toThrow(
      expect.objectContaining({
        classification: 'fatal',
        code: 'expression_failed',
        message: expect.stringContaining(said) as string,
      }) as Error,
    );
  });

  it('cannot be kept busy by a pattern', () => {
    const started = performance.now();
    const text = `\${{ "${'a'.repeat(5_000)}!" | replace(r/^(a+)+$/, "") }}`;
    expect(evaluator.evaluate(text, scope)).toHaveLength(5_001);
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  it('cannot be kept busy by many expressions', () => {
    const loop = '{% for i in range(20000) %}{{ i }}{% endfor %}';
    const started = performance.now();
    expect(() => evaluator.evaluate(Array.from({ length: 2_000 }, () => loop), scope)).toThrow('took more than 2000 ms');
    expect(performance.now() - started).toBeLessThan(20_000);
  });

  it('names the place', () => {
    const failing = () => evaluator.evaluate({ values: { list: ['ok', '${{ nope }}'] } }, scope);
    expect(failing).toThrow(StepError);
    expect(failing).toThrow('The expression ${{ nope }} at values.list.1 failed: "nope" has no value.');
  });

  it('is bounded in depth', () => {
    let deep: unknown = 'x';
    for (let level = 0; level < 100; level++) deep = [deep];
    expect(() => evaluator.evaluate(deep, scope)).toThrow('nested deeper');
  });
});

it.each([
  ['dana@example.com', 'dana@example.com', 'dana@example.com'],
  ['ci', 'ci', undefined],
])('knows %s by name, and by e-mail where there is one', (ref, name, email) => {
  const asked = { name: '${{ user.entity.metadata.name }}', email: '${{ user.entity.spec.profile.email }}' };
  expect(createEvaluator().evaluate(asked, { ...scope, user: { ref } })).toEqual({ name, ...(email && { email }) });
});

describe('the environment of an installation', () => {
  const installed = createEvaluator({ parameters: { region: 'eu', ports: [80] } });
  const value = { region: '${{ environment.parameters.region }}', ports: '${{ environment.parameters.ports }}', token: 'Bearer ${{ environment.secrets.TOKEN }}' };
  const run = Object.fromEntries(Object.entries(scope).filter(([name]) => name !== 'environment')) as typeof scope;

  it('is there for every template, its secrets where they are given', () => {
    const given = { ...run, secrets: { 'environment.TOKEN': 'hunter2', other: 'x' } };
    expect(installed.evaluate(value, given)).toEqual({ region: 'eu', ports: [80], token: 'Bearer hunter2' });
    expect(installed.evaluate({ a: '${{ environment.parameters.none }}' }, given)).toEqual({});
  });

  it('keeps its secrets out of what is recorded', () => {
    expect(installed.evaluate(value, { ...run, secrets: 'withheld' })).toMatchObject({ token: value.token, region: 'eu' });
    expect(installed.secretsIn(value)).toEqual(new Set(['environment.TOKEN']));
    expect(installed.secretsIn('${{ environment.secrets | dump }}')).toBe('all');
    expect(installed.secretsIn('${{ environment | dump }}')).toBe('all');
  });
});

it('sees each time what the scope holds then, and nothing of another scope', () => {
  const seen = (of: Partial<TemplateScope>) => evaluator.evaluate('${{ parameters.app_name }} ${{ steps.repository.output.facts.id }} ${{ steps.late.output.x | default("none yet") }}', { ...scope, ...of });
  expect(seen({})).toBe('shop 7 none yet');
  expect(seen({ steps: { ...scope.steps, late: { output: { x: 'there' } } } })).toBe('shop 7 there');
  expect(seen({ parameters: { app_name: 'cart' }, steps: { repository: { output: { facts: { id: 8 } } } } })).toBe('cart 8 none yet');
  expect(seen({})).toBe('shop 7 none yet');
});

it('hands out nothing that the next expression would see changed', () => {
  const facts = evaluator.evaluate('${{ steps.repository.output.facts }}', scope) as Record<string, unknown>;
  facts['id'] = 'changed';
  expect(evaluator.evaluate('${{ steps.repository.output.facts.id }}', scope)).toBe(7);
});
