import { isTrue } from './scope.js';

it.each<[unknown, boolean]>([
  [true, true],
  ['true', true],
  ['shop', true],
  [1, true],
  [['a'], true],
  [{}, true],
  [false, false],
  ['false', false],
  ['', false],
  [0, false],
  [[], false],
  [null, false],
  [undefined, false],
])('%j says %s', (value, expected) => {
  expect(isTrue(value)).toBe(expected);
});
