import { parseSecretReference, SecretReference } from './secret-reference.js';

describe('a secret reference', () => {
  it.each([
    ['env:GITHUB_TOKEN', { provider: 'env', path: 'GITHUB_TOKEN' }],
    ['kubernetes:shop/mysql-shop#password', { provider: 'kubernetes', path: 'shop/mysql-shop', key: 'password' }],
    ['file:/home/ünal/my slipway/secret', { provider: 'file', path: '/home/ünal/my slipway/secret' }],
    ['file:/home/no #1/secret', { provider: 'file', path: '/home/no ', key: '1/secret' }],
  ])('%s is %j', (text, parts) => {
    expect(SecretReference.parse(text)).toBe(text);
    expect(parseSecretReference(text)).toEqual(parts);
  });

  it.each(['', 'secret', 'Env:TOKEN', 'env:', 'env: TOKEN', 'env:TOKEN ', 'env:TOKEN#', 'env:A\nB', 'kubernetes:a#b\u0000'])('%j is none', (text) => {
    expect(SecretReference.safeParse(text).success).toBe(false);
    expect(() => parseSecretReference(text)).toThrow('provider:path#key');
  });
});
