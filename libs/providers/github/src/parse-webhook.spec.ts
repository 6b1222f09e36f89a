import { createHmac } from 'node:crypto';
import { sign } from '@octokit/webhooks-methods';
import { parseWebhook } from './parse-webhook.js';
import { verifyWebhook } from './verify-webhook.js';

const repository = {
  ...{ id: 7, full_name: 'acme/shop', html_url: 'https://github.com/acme/shop', default_branch: 'main', private: true, archived: false },
  ...{ updated_at: '2026-01-02T03:00:00Z', pushed_at: '2026-01-02T03:04:06Z' },
};
const state = { fullName: 'acme/shop', url: 'https://github.com/acme/shop', defaultBranch: 'main', condition: 'active', at: '2026-01-02T03:00:00.000Z' };
const told = { event: 'told', repository: { id: 7, fullName: 'acme/shop' }, branch: null };
const head = {
  id: 'c'.repeat(40),
  message: 'Fix\n\nmore',
  author: { name: 'Ada', email: 'ada@example.com', username: 'ada' },
  url: 'https://github.com/acme/shop/commit/ccc',
  timestamp: '2026-01-02T03:04:05+01:00',
};

describe('parseWebhook', () => {
  it('reads a push to a branch, in which times are seconds', () => {
    const pushed = { ...repository, pushed_at: 1_767_323_046 };
    expect(parseWebhook('push', { ref: 'refs/heads/feature/a', before: 'b'.repeat(40), repository: pushed, head_commit: head, forced: false })).toEqual({
      ...told,
      branch: 'feature/a',
      seen: {
        state,
        commit: {
          ...{ branch: 'feature/a', sha: head.id, before: 'b'.repeat(40), message: 'Fix\n\nmore', author: 'ada', url: head.url },
          ...{ madeAt: '2026-01-02T02:04:05.000Z', at: '2026-01-02T03:04:06.000Z' },
        },
      },
    });
  });

  it.each<[string, object, object]>([
    ['repository', { action: 'archived', repository: { ...repository, archived: true } }, { seen: { state: { ...state, condition: 'archived' } } }],
    ['repository', { action: 'deleted', repository }, { seen: { state: { ...state, condition: 'deleted' } } }],
    ['repository', { action: 'renamed', repository: { ...repository, full_name: 'acme/store' } }, { repository: { id: 7, fullName: 'acme/store' }, seen: { state: { ...state, fullName: 'acme/store' } } }],
    ['push', { ref: 'refs/tags/v1', repository, head_commit: head }, { seen: { state } }],
    ['push', { ref: 'refs/heads/gone', repository, head_commit: null }, { seen: { state } }],
    [
      'workflow_run',
      { repository, workflow_run: { id: 1, check_suite_id: 5, name: 'ci', head_sha: 'abc', status: 'in_progress', conclusion: null, html_url: 'https://r', run_attempt: 2, updated_at: '2026-01-02T03:05:00Z' } },
      { seen: { state, checks: [{ id: '5', sha: 'abc', name: 'ci', status: 'in_progress', conclusion: null, url: 'https://r', attempt: 2, at: '2026-01-02T03:05:00.000Z' }] } },
    ],
    [
      'check_suite',
      { repository, check_suite: { id: 6, head_sha: 'abc', status: 'completed', conclusion: 'success', updated_at: '2026-01-02T03:05:00Z', app: { name: 'Jenkins', slug: 'jenkins' } } },
      { seen: { state, checks: [{ id: '6', sha: 'abc', name: 'Jenkins', status: 'completed', conclusion: 'success', url: null, attempt: 1, at: '2026-01-02T03:05:00.000Z' }] } },
    ],
    [
      'check_run',
      { repository, check_run: { html_url: 'https://c', check_suite: { id: 6, head_sha: 'abc', status: 'waiting', conclusion: null, updated_at: '2026-01-02T03:05:00Z', app: { name: 'Jenkins' } } } },
      { seen: { state, checks: [{ id: '6', sha: 'abc', name: 'Jenkins', status: 'queued', conclusion: null, url: 'https://c', attempt: 1, at: '2026-01-02T03:05:00.000Z' }] } },
    ],
    [
      'check_suite',
      { repository, check_suite: { id: 6, head_sha: 'abc', status: 'completed', conclusion: 'success', updated_at: '2026-01-02T03:05:00Z', app: { name: 'GitHub Actions', slug: 'github-actions' } } },
      { seen: { state, checks: [] } },
    ],
    [
      'release',
      { action: 'released', repository, release: { id: 9, tag_name: 'v1', name: null, html_url: 'https://v1', draft: false, prerelease: false, published_at: '2026-01-02T03:05:00Z' } },
      { seen: { state, release: { id: '9', tag: 'v1', name: 'v1', url: 'https://v1', at: '2026-01-02T03:05:00.000Z' } } },
    ],
    [
      'release',
      { action: 'deleted', repository, release: { id: 9, tag_name: 'v1', name: 'One', html_url: 'https://v1', draft: false, prerelease: false, published_at: '2026-01-02T03:05:00Z' } },
      { seen: { state }, goneRelease: '9' },
    ],
    [
      'registry_package',
      { repository, registry_package: { name: 'shop', package_type: 'CONTAINER', html_url: 'https://p', package_version: { updated_at: '2026-01-02T03:05:00Z', html_url: 'https://p/1', container_metadata: { tag: { name: 'v1', digest: 'sha256:d' } } } } },
      { seen: { state, image: { name: 'shop', tag: 'v1', digest: 'sha256:d', url: 'https://p/1', at: '2026-01-02T03:05:00.000Z' } } },
    ],
    [
      'package',
      { repository, package: { name: 'shop', package_type: 'CONTAINER', html_url: 'https://p', package_version: { updated_at: '2026-01-02T03:05:00Z', container_metadata: { tag: { name: '', digest: 'sha256:of-a-platform' } } } } },
      { seen: { state } },
    ],
    ['star', { action: 'created', repository }, { seen: { state } }],
  ])('%s %j', (event, body, expected) => {
    expect(parseWebhook(event, body)).toEqual({ ...told, ...expected });
  });

  it.each(['ping', 'installation'])('%s is about no repository', (event) => {
    expect(parseWebhook(event, { zen: 'Keep it logically awesome.' })).toEqual({ event: 'other' });
  });

  it('refuses what lacks a field', () => {
    expect(() => parseWebhook('push', { ref: 'refs/heads/main', repository: { id: 7 } })).toThrow(/full_name/);
  });
});

describe('verifyWebhook', () => {
  const body = Buffer.from('{"name":"Zoë"}');

  it('takes what was signed with the secret', async () => {
    expect(verifyWebhook('s3cret', body, await sign('s3cret', body.toString()))).toBe(true);
  });

  it.each([
    ['another secret', 'other', body],
    ['another body', 's3cret', Buffer.from('{"name":"Zoe"}')],
    ['bytes that are no text', 's3cret', Buffer.from([0xff, 0xfe])],
  ])('refuses %s', async (_title, secret, received) => {
    expect(verifyWebhook(secret, received, await sign('s3cret', body.toString()))).toBe(false);
  });

  it('refuses no bytes at all, whatever their signature', () => {
    const signature = `sha256=${createHmac('sha256', 's3cret').update('').digest('hex')}`;
    expect(verifyWebhook('s3cret', Buffer.alloc(0), signature)).toBe(false);
  });

  it.each([undefined, '', 'sha256=', 'sha1=abc', 'sha256=zz'])('refuses the signature %j', (signature) => {
    expect(verifyWebhook('s3cret', body, signature)).toBe(false);
  });

  it('keeps a byte order mark, which is part of what was signed', async () => {
    const text = '\ufeff{}';
    expect(verifyWebhook('s3cret', Buffer.from(text), await sign('s3cret', text))).toBe(true);
  });
});
