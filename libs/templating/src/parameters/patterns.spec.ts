import { compilePattern } from './patterns.js';

// What both engines can say they must say alike.
it.each([
  '^[a-z]([-a-z0-9]*[a-z0-9])?$',
  '^[\\w\\-\\.]+$',
  '^(?<first>x)+$',
  '^\\u00e9+$',
  'a\\/b',
  '^\\S+@\\S+\\.\\S{2,}$',
  '^\\d{1,3}(?:\\.\\d{1,3}){3}$',
  '^[^\\]]*$',
  '^.*$',
  '^\\p{L}+$',
  '(?i)',
])('%s', (source) => {
  const pattern = compilePattern(source);
  const flags = source.startsWith('(?i)') ? null : 'u';
  if (!flags) return expect(pattern).toBeNull();
  expect(pattern?.linear).toBe(true);
  for (const text of ['', 'a', 'shop-1', 'shop-', 'xx', 'é', 'a/b', 'me@x.org', '10.0.0.1', ']', 'a\nb', 'Ü', 'a.b-c_d'])
    expect([text, pattern?.match(text)]).toEqual([text, new RegExp(source, flags).test(text)]);
});

it.each(['^(?!-)[a-z]+$', '(a)\\1', '^a{1,5000}$'])('%s is beyond it, and watched', (source) => {
  const pattern = compilePattern(source);
  expect(pattern?.linear).toBe(false);
  for (const text of ['-a', 'a', 'aa', '']) expect(pattern?.match(text)).toBe(new RegExp(source, 'u').test(text));
});

it.each(['[', '(', '*'])('%s is no pattern', (source) => {
  expect(compilePattern(source)).toBeNull();
});
