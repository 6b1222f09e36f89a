import { tokenKeyFrom } from './token-key.js';

it('the token key is 256 bits, the same for the same sealing key, and not that key', () => {
  const key = tokenKeyFrom('a sealing key');
  expect(key).toHaveLength(32);
  expect(tokenKeyFrom('a sealing key')).toEqual(key);
  expect(tokenKeyFrom('another sealing key')).not.toEqual(key);
});
