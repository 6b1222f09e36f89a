import { carriesMark, describeWithMark } from './mark.js';

describe('the mark in a description', () => {
  it.each([
    ['A shop', 'A shop [slipway:r_1]'],
    [undefined, '[slipway:r_1]'],
    ['two\nlines', 'two lines [slipway:r_1]'],
  ])('%j becomes %j', (description, marked) => {
    expect(describeWithMark(description, 'r_1')).toBe(marked);
  });

  it('fits what GitHub takes, whatever the text', () => {
    const marked = describeWithMark('x'.repeat(1_000), 'r_1');
    expect(marked).toHaveLength(350);
    expect(carriesMark(marked, 'r_1')).toBe(true);
  });

  it.each([
    ['A shop [slipway:r_1]', true],
    ['A shop [slipway:r_12]', false],
    ['A shop [slipway:r_1] and more', false],
    ['A shop', false],
    [null, false],
  ])('%j is of r_1: %s', (description, ours) => {
    expect(carriesMark(description, 'r_1')).toBe(ours);
  });
});
