import { parseDuration } from './duration.js';

it.each([
  ['90s', 90_000],
  ['30m', 1_800_000],
  ['1h30m', 5_400_000],
  ['250ms', 250],
  ['2d', 172_800_000],
  ['PT1H', 3_600_000],
  ['PT1M30S', 90_000],
  ['P1DT1H', 90_000_000],
  ['0s', null],
  ['', null],
  ['30', null],
  ['30 m', null],
  ['-5m', null],
  ['P', null],
  ['PT', null],
  ['99999999999999999d', null],
])('parseDuration(%s) is %s', (text, expected) => {
  expect(parseDuration(text)).toBe(expected);
});
