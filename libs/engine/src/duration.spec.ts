import { Duration, parseDuration } from './duration.js';

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

it.each([
  ['90s', 90_000],
  ['PT1H', 3_600_000],
  [{ minutes: 5 }, 300_000],
  [{ hours: 1, seconds: 2.5, milliseconds: 4 }, 3_602_504],
  [{}, 0],
])('an input %j is %s ms', (given, expected) => {
  expect(Duration.parse(given)).toBe(expected);
});

it.each(['5', 'soon', 300, { minute: 5 }, { minutes: -5 }, null])('an input %j is no length of time, and one that is is shown', (given) => {
  const { error } = Duration.safeParse(given);
  expect(error?.issues).toMatchObject([{ message: expect.stringContaining('{ minutes: 5 }') }]);
});
