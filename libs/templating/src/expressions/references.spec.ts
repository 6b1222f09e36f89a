import { pathsInText, referencesIn } from './references.js';

it.each<[string, string[][]]>([
  ['${{ parameters.a }}', [['parameters', 'a']]],
  ["${{ steps['a-b'].output.url | lower }}", [['steps', 'a-b', 'output', 'url']]],
  ['${{ steps.a.output["x y"][0].z }}', [['steps', 'a', 'output', 'x y', '0', 'z']]],
  ['${{ "steps.a" + \'steps.b\' }}', []],
  ['${{ not parameters.a and (b or c == d) }}', [['parameters', 'a'], ['b'], ['c'], ['d']]],
  ['${{ a | default(parameters.b, true) }}', [['a'], ['parameters', 'b']]],
  ['${{ { key: parameters.a } | dump(indent=2) }}', [['parameters', 'a']]],
  ['${{ a.b(c.d) }}', [['a', 'b'], ['c', 'd']]],
  ['${{ parameters[parameters.key] }}', [['parameters'], ['parameters', 'key']]],
  ['{% for tag in parameters.tags %}${{ tag }} ${{ loop.index }}{% endfor %}', [['parameters', 'tags']]],
  ['{% set x = parameters.a %}${{ x.y }}', [['parameters', 'a']]],
  ['{% if a.b is defined %}{% endif %}', [['a', 'b']]],
  ['{% raw %}${{ github.ref }}{% endraw %}', []],
  ['${{ a | replace(r/[b-c]+d/g, e) }}', [['a'], ['e']]],
  ['${{ (a | parse({ b: c })).d }}', [['a'], ['c']]],
  ['no expression', []],
])('%s', (text, paths) => {
  expect(pathsInText(text)).toEqual(paths);
});

it('looks into lists and objects', () => {
  const found = referencesIn({ a: ['${{ steps.x.output.y }}', { b: '${{ secrets.s }} ${{ parameters.p }}' }] });
  expect([found.steps, found.secrets, found.parameters, found.roots].map((set) => [...set])).toEqual([
    ['x'],
    ['s'],
    ['p'],
    ['steps', 'secrets', 'parameters'],
  ]);
});
