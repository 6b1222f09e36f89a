import { sign } from '@octokit/webhooks-methods';
import { parseWebhook } from './parse-webhook.js';
import { verifyWebhook } from './verify-webhook.js';

const repository = { id: 7, full_name: 'acme/shop', default_branch: 'main', private: true };
const head = {
  id: 'c'.repeat(40),
  message: 'Fix\n\nmore',
  author: { name: 'Ada', email: 'ada@example.com', username: 'ada' },
  url: 'https://github.com/acme/shop/commit/ccc',
  timestamp: '2026-01-02T03:04:05+01:00',
};

function bytes(body: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(body));
}

describe('parseWebhook', () => {
  it('reads a push to a branch', () => {
    expect(parseWebhook('push', bytes({ ref: 'refs/heads/feature/a', repository, head_commit: head, forced: false }))).toEqual({
      event: 'push',
      repository: { id: 7, fullName: 'acme/shop' },
      branch: 'feature/a',
      defaultBranch: 'main',
      commit: { sha: head.id, message: 'Fix\n\nmore', author: 'ada', url: head.url, at: '2026-01-02T02:04:05.000Z' },
    });
  });

  it('reads what happens to a repository', () => {
    expect(parseWebhook('repository', bytes({ action: 'archived', repository }))).toEqual({
      event: 'repository',
      action: 'archived',
      repository: { id: 7, fullName: 'acme/shop' },
    });
  });

  it.each([
    ['push', { ref: 'refs/tags/v1', repository, head_commit: head }],
    ['push', { ref: 'refs/heads/gone', repository, head_commit: null }],
    ['ping', { zen: 'Keep it logically awesome.' }],
  ])('%s %j is none of what we use', (event, body) => {
    expect(parseWebhook(event, bytes(body))).toEqual({ event: 'other' });
  });

  it('refuses what is no JSON, or lacks a field', () => {
    expect(() => parseWebhook('push', Buffer.from('no'))).toThrow(SyntaxError);
    expect(() => parseWebhook('push', bytes({ ref: 'refs/heads/main' }))).toThrow(/repository/);
  });
});

describe('verifyWebhook', () => {
  const body = Buffer.from('{"name":"Zoë"}');

  it('takes what was signed with the secret', async () => {
    expect(await verifyWebhook('s3cret', body, await sign('s3cret', body.toString()))).toBe(true);
  });

  it.each([
    ['another secret', 'other', body],
    ['another body', 's3cret', Buffer.from('{"name":"Zoe"}')],
    ['bytes that are no text', 's3cret', Buffer.from([0xff, 0xfe])],
  ])('refuses %s', async (_title, secret, received) => {
    expect(await verifyWebhook(secret, received, await sign('s3cret', body.toString()))).toBe(false);
  });

  it.each([undefined, '', 'sha256=', 'sha1=abc', 'sha256=zz'])('refuses the signature %j', async (signature) => {
    expect(await verifyWebhook('s3cret', body, signature)).toBe(false);
  });

  it('keeps a byte order mark, which is part of what was signed', async () => {
    const text = '\ufeff{}';
    expect(await verifyWebhook('s3cret', Buffer.from(text), await sign('s3cret', text))).toBe(true);
  });
});
