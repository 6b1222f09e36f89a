import { findSecrets } from './secret-forms.js';

describe('a secret', () => {
  const secret = 'p"ss/wörd+7&x';
  const found = (text: string): string[] => findSecrets(new Map([['log', text]]), new Map([['password', secret]]));

  it.each([
    ['as it is', `x ${secret} y`],
    ['escaped for JSON', JSON.stringify({ secret })],
    ['escaped for URLs', `?p=${encodeURIComponent(secret)}&q`],
    ['in hexadecimal', Buffer.from(`a${secret}b`).toString('hex')],
    ['in base64', Buffer.from(secret).toString('base64')],
    ['in base64 behind a user name', Buffer.from(`user:${secret}`).toString('base64')],
    ['in base64 behind a longer one', Buffer.from(`a-user:${secret}`).toString('base64')],
    ['in base64 between others', Buffer.from(`my-user:${secret}, and more`).toString('base64')],
    ['in base64 for URLs', Buffer.from(`my-user:${secret}, and more`).toString('base64url')],
  ])('is found %s', (_how, text) => {
    expect(found(text)).not.toEqual([]);
  });

  it('is not found where it is not', () => {
    expect(found(Buffer.from('another password').toString('base64'))).toEqual([]);
  });
});
