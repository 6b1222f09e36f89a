import { createHmac } from 'node:crypto';
import { type Answer, startApi, type StartedApi, webhookSecret } from '../testing/start-api.js';

describe('POST /webhooks/github', () => {
  let api: StartedApi;
  beforeAll(async () => (api = await startApi()));
  afterAll(() => api.close());

  const push = (sha: string): string =>
    JSON.stringify({
      ref: 'refs/heads/main',
      repository: {
        ...{ id: 1, full_name: 'acme/shop', html_url: 'https://github.example/acme/shop', default_branch: 'main' },
        ...{ updated_at: '2026-01-01T00:00:00Z', pushed_at: 1_767_225_600 },
      },
      head_commit: {
        id: sha,
        message: 'Hello',
        author: { name: 'Dana' },
        url: `https://github.example/${sha}`,
        timestamp: '2026-01-01T00:00:00Z',
      },
    });

  const deliver = (body: string, headers: Record<string, string> = {}): Promise<Answer> =>
    api.call('/webhooks/github', {
      method: 'POST',
      anonymous: true,
      body,
      headers: { 'x-github-event': 'push', 'x-github-delivery': 'd-1', 'x-hub-signature-256': sign(body), ...headers },
    });

  const rows = async (): Promise<{ delivery_id: string; outcome: string | null }[]> =>
    (await api.database.pool.query('SELECT delivery_id, outcome FROM webhook_deliveries ORDER BY delivery_id')).rows;

  it.each<[string, Record<string, string>]>([
    ['no signature', { 'x-hub-signature-256': '' }],
    ['a short one', { 'x-hub-signature-256': 'sha256=abc' }],
    ['SHA-1', { 'x-hub-signature-256': sign(push('a'), webhookSecret, 'sha1') }],
    ['another secret', { 'x-hub-signature-256': sign(push('a'), 'another secret') }],
    ['a signature of other bytes', { 'x-hub-signature-256': sign(JSON.stringify(JSON.parse(push('a')), null, 1)) }],
    ['something that is no hexadecimal', { 'x-hub-signature-256': `sha256=${'z'.repeat(64)}` }],
  ])('%s is 401, and nothing is kept', async (_name, headers) => {
    expect(await deliver(push('a'), headers)).toMatchObject({ status: 401, body: { ok: false, error: 'unauthorized' } });
    expect(await rows()).toEqual([]);
  });

  it('is refused before its body is parsed', async () => {
    expect((await deliver('{"no json', { 'x-hub-signature-256': 'sha256=abc' })).status).toBe(401);
  });

  it('without its headers is 400', async () => {
    expect((await deliver(push('a'), { 'x-github-delivery': '' })).status).toBe(400);
  });

  it('stores a delivery once, however often it comes, and acts on it', async () => {
    const answers = await Promise.all(Array.from({ length: 5 }, () => deliver(push('abc'), { 'x-github-delivery': 'd-2' })));
    expect(answers.map((answer) => answer.status)).toEqual([202, 202, 202, 202, 202]);
    expect(answers.filter((answer) => answer.body.delivery.outcome === 'stored')).toHaveLength(1);
    expect(await settled('d-2')).toBe('unknown_repository');
  });

  it('tells steps that wait for it what it is about, and no more', async () => {
    const body = JSON.stringify({
      action: 'completed',
      installation: { access_token: 'secret' },
      repository: { id: 7, full_name: 'acme/shop', private: true },
      workflow_run: { id: 5, name: 'ci', status: 'completed', conclusion: 'success', head_sha: 'abc', jobs_url: 'https://x' },
    });
    await deliver(body, { 'x-github-event': 'workflow_run', 'x-github-delivery': 'd-5', 'x-hub-signature-256': sign(body) });
    await settled('d-5');
    const sent = await api.database.pool.query(`SELECT body FROM signals WHERE key = 'github:workflow_run:acme/shop'`);
    expect(sent.rows).toEqual([
      {
        body: {
          action: 'completed',
          repository: { id: 7, full_name: 'acme/shop' },
          workflow_run: { id: 5, name: 'ci', status: 'completed', conclusion: 'success', head_sha: 'abc' },
        },
      },
    ]);
  });

  it('finds no second effect in old bytes under a new id, whatever event it is said to be', async () => {
    await deliver(push('def'), { 'x-github-delivery': 'd-6' });
    await settled('d-6');
    await deliver(push('def'), { 'x-github-delivery': 'd-7', 'x-github-event': 'workflow_run' });
    expect(await settled('d-7')).toBe('ignored: repeats d-6');
    const sent = await api.database.pool.query(`SELECT 1 FROM signals WHERE key = 'github:workflow_run:acme/shop' AND body ? 'ref'`);
    expect(sent.rowCount).toBe(0);
  });

  it('lays aside what it cannot read, with the reason', async () => {
    expect((await deliver('{"no json', { 'x-github-delivery': 'd-3' })).status).toBe(202);
    expect(await settled('d-3')).toMatch(/^ignored: unreadable/);
  });

  it('reads what begins with a byte order mark, which its signature covers', async () => {
    await deliver(`\uFEFF${push('bcd')}`, { 'x-github-delivery': 'd-8' });
    expect(await settled('d-8')).toBe('unknown_repository');
  });

  it('acts on what was left behind, also by one that stored bodies as they came', async () => {
    await api.database.pool.query(
      `INSERT INTO webhook_deliveries (provider, delivery_id, event, body, digest, received_at)
       VALUES ('github', 'd-4', 'ping', '{}', sha256('{}'), now() - interval '1 minute')`,
    );
    expect(await settled('d-4')).toBe('ignored: nothing to do for "ping"');
  }, 15_000);

  async function settled(id: string): Promise<string> {
    for (const deadline = Date.now() + 12_000; ;) {
      const outcome = (await rows()).find((row) => row.delivery_id === id)?.outcome;
      if (outcome) return outcome;
      if (Date.now() > deadline) throw new Error(`Delivery ${id} was not acted on.`);
    }
  }
});

function sign(body: string, secret = webhookSecret, algorithm = 'sha256'): string {
  return `${algorithm}=${createHmac(algorithm, secret).update(body).digest('hex')}`;
}
