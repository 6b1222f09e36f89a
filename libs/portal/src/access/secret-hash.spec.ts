import { hashSecret, secretMatches } from './secret-hash.js';

describe('a secret’s hash', () => {
  it('matches its secret alone, and is salted', async () => {
    const [one, two] = [await hashSecret('s3cret'), await hashSecret('s3cret')];
    expect(one).not.toBe(two);
    expect(one).not.toContain('s3cret');
    await expect(secretMatches('s3cret', one)).resolves.toBe(true);
    await expect(secretMatches('s3cret', two)).resolves.toBe(true);
    await expect(secretMatches('s3cres', one)).resolves.toBe(false);
    await expect(secretMatches('', one)).resolves.toBe(false);
  });

  it('is never mistaken for something else', async () => {
    await expect(secretMatches('plain', 'plain')).rejects.toThrow('not of the form');
  });
});
