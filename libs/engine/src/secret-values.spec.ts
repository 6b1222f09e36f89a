import { SecretValues } from './secret-values.js';

describe('SecretValues', () => {
  const value = 'h"unter2 & ümlaut';
  const base64 = Buffer.from(value).toString('base64');
  const values = new SecretValues();
  values.add(value);

  it.each([
    ['as it is', value],
    ['base64', base64],
    ['base64 without padding', base64.replace(/=+$/, '')],
    ['base64url', Buffer.from(value).toString('base64url')],
    ['in a URL', encodeURIComponent(value)],
    ['in a form', encodeURIComponent(value).replaceAll('%20', '+')],
    ['in JSON', JSON.stringify(value).slice(1, -1)],
  ])('takes it out %s', (_, form) => {
    expect(values.redact(`before ${form} after`)).toBe('before [secret] after');
  });

  it.each(['', 'a', 'ab', 'abc', 'admin'])('takes it out of credentials behind the name %j', (name) => {
    const header = `Basic ${Buffer.from(`${name}:${value}:`).toString('base64')}`;
    const shown = values.redact(header);
    expect(shown).toContain('[secret]');
    expect(Buffer.from(shown.slice(6).replace('[secret]', ''), 'base64').toString()).not.toContain('unter');
  });

  it('takes out every line of a long one, but not the marks around it', () => {
    const key = '-----BEGIN KEY-----\nMIIEvQIBADANBg\r\nkqhkiG9w0BAQEF\n-----END KEY-----\n';
    const own = new SecretValues();
    own.add(key);
    expect(own.redact('read kqhkiG9w0BAQEF')).toBe('read [secret]');
    expect(own.redact('expected -----BEGIN KEY-----')).toBe('expected -----BEGIN KEY-----');
  });

  it('takes out what is added after it has looked, and what was added again', () => {
    const own = new SecretValues();
    own.add('first value');
    expect(own.redact('first value, second value')).toBe('[secret], second value');
    own.add('second value');
    own.add('first value');
    expect(own.redact('first value, second value')).toBe('[secret], [secret]');
  });

  it('finds each of many wherever it stands, and nothing else', () => {
    const own = new SecretValues();
    const letters = ['a', 'b', 'ß', '😀', '1', '%'];
    const made = Array.from({ length: 200 }, (_, index) => `${letters[index % letters.length] ?? ''}${index.toString(3)}${'xy'.repeat(index % 20)}zz`);
    for (const value of made) {
      expect(own.redact(`..${value}..`)).toBe(`..${value}..`);
      own.add(value);
      for (const before of ['', 'x', 'xy'.repeat(30)]) expect(own.redact(`${before} ${value}`)).toContain('[secret]');
    }
    expect(own.redact('xyxy'.repeat(1_000))).toBe('xyxy'.repeat(1_000));
  });

  it('takes out a short one that is added after longer ones', () => {
    const own = new SecretValues();
    own.add('a-rather-long-secret-of-many-characters');
    own.add('four');
    own.add('another-rather-long-secret');
    const found = ['a-rather-long-secret-of-many-characters', 'four', 'another-rather-long-secret'].map((value) => own.redact(value));
    expect(found).toEqual(['[secret]', '[secret]', '[secret]']);
    expect(own.redact('fou r')).toBe('fou r');
  });

  it('lets through what is too short to be told from words', () => {
    const own = new SecretValues();
    own.add('the');
    own.add('a\nthe\nword\n');
    expect(own.redact('the word')).toBe('the word');
  });
});
