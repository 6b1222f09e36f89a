import { generatePassword } from './generate-password.js';

it.each([16, 32, 128])('%i characters that no SQL, shell, URL or YAML minds, of every class that policies ask for', (length) => {
  for (let round = 0; round < 50; round += 1) {
    const password = generatePassword(length);
    expect(password).toMatch(/^[A-Za-z][A-Za-z0-9._-]*$/);
    expect(password).toHaveLength(length);
    for (const kind of [/[A-Z]/, /[a-z]/, /\d/, /[._-]/]) expect(password).toMatch(kind);
  }
});

it('is another one each time', () => {
  const passwords = Array.from({ length: 100 }, () => generatePassword(16));
  expect(new Set(passwords).size).toBe(100);
});
