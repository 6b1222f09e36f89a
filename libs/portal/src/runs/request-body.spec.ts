import { requestBody } from './request-body.js';

describe('requestBody', () => {
  const body = requestBody({ properties: { a: 1, b: { c: [1, 2], d: null } } });

  it('is the same whatever the order of keys', () => {
    expect(requestBody({ properties: { b: { d: null, c: [1, 2] }, a: 1 } })).toBe(body);
  });

  it.each([
    [{ properties: { a: 1, b: { c: [2, 1], d: null } } }],
    [{ properties: { a: '1', b: { c: [1, 2], d: null } } }],
    [{ properties: { a: 1, b: { c: [1, 2] } } }],
    [{ properties: { a: 1, b: { c: [1, 2], d: null } }, entity: 'shop' }],
    [{ properties: { a: 1, b: { c: [1, 2], d: null } }, secrets: { e: 'hunter2' } }],
  ])('is another for %j', (other) => {
    expect(requestBody(other)).not.toBe(body);
  });
});
