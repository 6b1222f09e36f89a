import { requestBodyHash } from './request-body-hash.js';

describe('requestBodyHash', () => {
  const hash = requestBodyHash({ properties: { a: 1, b: { c: [1, 2], d: null } } });

  it('is the same whatever the order of keys', () => {
    expect(requestBodyHash({ properties: { b: { d: null, c: [1, 2] }, a: 1 } })).toBe(hash);
  });

  it.each([
    [{ properties: { a: 1, b: { c: [2, 1], d: null } } }],
    [{ properties: { a: '1', b: { c: [1, 2], d: null } } }],
    [{ properties: { a: 1, b: { c: [1, 2] } } }],
    [{ properties: { a: 1, b: { c: [1, 2], d: null } }, entity: 'shop' }],
  ])('is another for %j', (body) => {
    expect(requestBodyHash(body)).not.toBe(hash);
  });
});
