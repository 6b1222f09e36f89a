import { SealUnopened, Sealer, sealingKeys } from './sealer.js';

const newKey = 'a new key of more than thirty-two characters';
const oldKey = 'an old key of more than thirty-two characters';
const otherKey = 'another key of more than thirty-two characters';
const place = ['form secret', 'r_1', 'password'];

describe('Sealer', () => {
  const sealer = new Sealer([newKey, oldKey]);

  it.each(['hunter2', '', 'ünïcödé 🗝', 'a\nb\0c', 'x'.repeat(100_000)])('opens what it sealed: %j', (value) => {
    expect(sealer.open(sealer.seal(value, place), place)).toBe(value);
  });

  it('seals the same value differently each time, and shows nothing of it', () => {
    const sealed = sealer.seal('correct horse battery staple', place);
    expect(sealed).toMatch(/^1\.[0-9a-f]{12}\.[\w-]+$/);
    expect(sealer.seal('correct horse battery staple', place)).not.toBe(sealed);
    expect(Buffer.from(sealed.split('.')[2]!, 'base64url').toString('latin1')).not.toContain('horse');
  });

  it('opens what an older key sealed, and seals with the newest', () => {
    const old = new Sealer([oldKey]);
    expect(sealer.open(old.seal('kept', place), place)).toBe('kept');
    expect(codeOf(() => old.open(sealer.seal('new', place), place))).toBe('seal_key_unknown');
  });

  it('does not open with another key, and names the key it would take', () => {
    const sealed = new Sealer([otherKey]).seal('hunter2', place);
    expect(codeOf(() => sealer.open(sealed, place))).toBe('seal_key_unknown');
    expect(() => sealer.open(sealed, place)).toThrow(sealed.split('.')[1]);
  });

  it.each([
    ['another run', ['form secret', 'r_2', 'password']],
    ['another field', ['form secret', 'r_1', 'token']],
    ['another use', ['client', 'r_1', 'password']],
    ['the same text cut otherwise', ['form secret', 'r_1p', 'assword']],
    ['nothing', []],
  ])('does not open for %s', (_, elsewhere) => {
    expect(codeOf(() => sealer.open(sealer.seal('hunter2', place), elsewhere))).toBe('seal_broken');
  });

  it.each([
    ['nonce', 0],
    ['ciphertext', 14],
    ['tag', -1],
  ])('does not open once its %s was changed', (_, at) => {
    const [version, id, body] = sealer.seal('hunter2', place).split('.');
    const bytes = Buffer.from(body!, 'base64url');
    bytes[at < 0 ? bytes.length + at : at]! ^= 1;
    expect(codeOf(() => sealer.open(`${version}.${id}.${bytes.toString('base64url')}`, place))).toBe('seal_broken');
  });

  it.each(['', 'hunter2', '2.abc.def', '1', '1.'])('does not take %j for a sealed value', (text) => {
    expect(codeOf(() => sealer.open(text, place))).toMatch(/^seal_/);
  });

  it('does not open a value that was cut short, whatever is left of its tag', () => {
    const [version, id, body] = sealer.seal('hunter2', place).split('.');
    for (const length of [0, 12, 20, 30]) {
      const cut = Buffer.from(body!, 'base64url').subarray(0, length).toString('base64url');
      expect(codeOf(() => sealer.open(`${version}.${id}.${cut}`, place))).toBe('seal_broken');
    }
  });
});

describe('a fingerprint', () => {
  const sealer = new Sealer([newKey, oldKey]);

  it('is the same for the same text, and is known by older keys too', () => {
    expect(sealer.fingerprint('a body')).toBe(sealer.fingerprint('a body'));
    expect(sealer.isFingerprint(sealer.fingerprint('a body'), 'a body')).toBe(true);
    expect(sealer.isFingerprint(new Sealer([oldKey]).fingerprint('a body'), 'a body')).toBe(true);
  });

  it('is another for another text or key', () => {
    expect(sealer.isFingerprint(sealer.fingerprint('a body'), 'another body')).toBe(false);
    expect(sealer.isFingerprint(new Sealer([otherKey]).fingerprint('a body'), 'a body')).toBe(false);
    expect(sealer.isFingerprint('', 'a body')).toBe(false);
  });
});

describe('sealingKeys', () => {
  it('reads one key a line, newest first', () => {
    expect(sealingKeys(`${newKey}\r\n\n${oldKey}\n`)).toEqual([newKey, oldKey]);
  });

  it('refuses none, and one that could be guessed, without repeating it', () => {
    expect(() => sealingKeys('\n')).toThrow(/empty/);
    expect(() => sealingKeys(`${newKey}\nhunter2`)).toThrow(/line 2/);
    expect(() => sealingKeys('hunter2')).not.toThrow(/hunter2/);
  });
});

function codeOf(open: () => string): string {
  try {
    open();
  } catch (error) {
    if (error instanceof SealUnopened) return error.code;
    throw error;
  }
  return 'opened';
}
