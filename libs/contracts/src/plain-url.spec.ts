import { PlainUrl } from './plain-url.js';

describe('PlainUrl', () => {
  it.each([
    ['https://github.example.com/api/v3', true],
    ['http://127.0.0.1:8080', true],
    ['https://token@github.example.com', false],
    ['https://user:password@github.example.com', false],
    ['ssh://github.example.com', false],
    ['github.example.com', false],
    ['', false],
  ])('%s: %s', (url, valid) => {
    const parsed = PlainUrl.safeParse(url);
    expect(parsed.success).toBe(valid);
    expect(JSON.stringify(parsed.error?.issues ?? [])).not.toContain('password@');
  });
});
