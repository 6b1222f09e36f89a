import { isLoneExpression, tagsOf } from './tags.js';

describe('tagsOf', () => {
  it.each([
    ['plain text', []],
    ['${{ a }}', ['a']],
    ['x ${{ a }} y ${{- b -}}', ['a', 'b']],
    ['{% if a %}${{ b }}{% endif %}', ['if a', 'b', 'endif']],
    ['{# ${{ no }} #}${{ yes }}', ['yes']],
    ['{% raw %}${{ no }}{% endraw %}${{ yes }}', ['yes']],
    ['{% verbatim %}${{ no }}{% endverbatim %}', []],
    ['${{ "}}" }}', ['"}}"']],
    [`\${{ 'it\\'s }}' }}`, [`'it\\'s }}'`]],
    ['${{ unterminated', []],
    ['{{ a }} $ { { b } }', []],
  ])('%s', (source, contents) => {
    expect(tagsOf(source).map((tag) => tag.content.trim())).toEqual(contents);
  });

  it('counts lines from one', () => {
    expect(tagsOf('a\n${{ b }}\n\n${{ c }}').map((tag) => tag.line)).toEqual([2, 4]);
  });
});

it.each([
  ['${{ a }}', true],
  [' ${{ a }}', false],
  ['${{ a }}${{ b }}', false],
  ['{% if a %}b{% endif %}', false],
  ['a', false],
])('isLoneExpression(%s) is %s', (source, expected) => {
  expect(isLoneExpression(source)).toBe(expected);
});
