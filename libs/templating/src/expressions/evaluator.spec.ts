import { type Scope, StepError } from '@slipway/engine';
import { createEvaluator } from './evaluator.js';

const scope: Scope = {
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

  it('hands out values that can be changed, without touching the scope', () => {
    const tags = evaluator.evaluate('${{ parameters.tags }}', scope) as string[];
    tags.push('c');
    expect(scope.parameters['tags']).toEqual(['a', 'b']);
  });
});

describe('what an expression must not do', () => {
  it.each([
    ['nothing there', '${{ parameters.missing }}', 'parameters.missing'],
    ['nothing there, inside a text', 'a ${{ parameters.missing }} b', 'parameters.missing'],
    ['a step that has not run', '${{ steps.other.output.x }}', 'steps.other.output.x'],
    ['an unknown filter', '${{ parameters.app_name | shout }}', 'shout'],
    ['broken syntax', '${{ parameters. }}', 'parameters.'],
    ['an unterminated tag', '${{ parameters.app_name', 'Unterminated'],
    ['a filter that throws', '${{ "nowhere" | parseRepoUrl }}', 'names no repository'],
    ['a way out by the constructor', '${{ range.constructor("return process")() }}', 'constructor'],
    ['a way out by the prototype', '${{ parameters["__proto__"] }}', '__proto__'],
    ['an endless loop', '{% for i in range(100000000) %}x{% endfor %}', 'limit'],
    ['a native regular expression', '${{ "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!" | replace(r/^(a+)+$/, "") }}', ''],
  ])('%s', (_, expression, said) => {
    expect(() => evaluator.evaluate({ input: { url: expression } }, scope)).toThrow(
      expect.objectContaining({
        classification: 'fatal',
        code: 'expression_failed',
        message: expect.stringContaining(said) as string,
      }) as Error,
    );
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
