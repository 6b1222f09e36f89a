import { durationInWords } from './duration.js';

describe('durationInWords', () => {
  it.each([
    [-5, '0 ms'],
    [850, '850 ms'],
    [4_290, '4.2 s'],
    [59_900, '59 s'],
    [60_000, '1 min'],
    [200_000, '3 min 20 s'],
    [7_500_000, '2 h 5 min'],
  ])('of %d is %s', (ms, words) => expect(durationInWords(ms)).toBe(words));
});
