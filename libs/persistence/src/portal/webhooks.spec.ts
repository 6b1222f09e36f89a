import { createHash } from 'node:crypto';
import type { RepositoryFacts } from '@slipway/contracts';
import { applyRepositoryEvents, type DeliveredEvent, getEntity, learnOfRepositories, listPendingDeliveries, readDueRepository, receiveWebhook, type RepositoryEvent } from '@slipway/portal';
import { lockIsWaitedFor } from '../testing/lock-is-waited-for.js';
import { admin, createPortalScene, type PortalScene, setUpMs } from '../testing/portal-scene.js';

const kind = 'github:repository';

describe('webhooks', () => {
  let scene: PortalScene;
  beforeAll(async () => (scene = await createPortalScene()), setUpMs);
  afterAll(() => scene.database.drop());

  let deliveries = 0;
  async function store(body = `{"number":${deliveries}}`): Promise<{ provider: string; deliveryId: string }> {
    const id = { provider: 'github', deliveryId: `d-${String(++deliveries).padStart(4, '0')}` };
    await receiveWebhook(scene, { ...id, event: 'push', body: Buffer.from(body) });
    return id;
  }

  function told(fullName: string, seen: RepositoryFacts, id = idOf(fullName)): RepositoryEvent {
    return { event: 'told', branch: null, repository: { kind, id, fullName }, seen };
  }

  /** Its own for each name, as the repositories of this spec have none in the ledger unless it says so. */
  function idOf(name: string): number {
    return Number.parseInt(createHash('sha256').update(name).digest('hex').slice(0, 8), 16);
  }

  function state(fullName: string, at: string, more: Partial<NonNullable<RepositoryFacts['state']>> = {}): RepositoryFacts {
    return { state: { fullName, url: `https://git.example/${fullName}`, defaultBranch: 'main', condition: 'active', at, ...more } };
  }

  function push(fullName: string, sha: string, at: string, branch = 'main', id = idOf(fullName)): RepositoryEvent {
    const commit = { branch, sha, before: null, message: `Commit ${sha}`, author: 'ada', url: `https://git.example/${sha}`, madeAt: '2026-11-20T00:00:00Z', at };
    return told(fullName, { ...state(fullName, '2026-11-20T00:00:00Z'), commit }, id);
  }

  const applyOne = async (delivered: DeliveredEvent) => (await applyRepositoryEvents(scene, [delivered]))[0];
  const apply = async (event: RepositoryEvent) => applyOne({ delivery: await store(), event, signal: null });
  const entityOf = (identifier: string) => getEntity(scene, { principal: admin, entity: { blueprint: 'service', identifier } });

  async function deployed(name: string, properties: Record<string, unknown> = {}, more: { kind: string; externalId: string; title: string }[] = []): Promise<void> {
    const run = await scene.deploy(name);
    await scene.end(run.id, 'SUCCEEDED', [{ externalId: `acme/${name}`, title: `Repository acme/${name}`, properties }, ...more]);
  }

  it('are stored once, with the bytes that were signed', async () => {
    const delivery = { provider: 'github', deliveryId: 'same', event: 'push', body: Buffer.from([0, 255, 10]) };
    const answers = await Promise.all(Array.from({ length: 5 }, () => receiveWebhook(scene, delivery)));
    expect(answers.sort()).toEqual(['duplicate', 'duplicate', 'duplicate', 'duplicate', 'stored']);
    expect(await listPendingDeliveries(scene, { olderThanMs: 0 })).toContainEqual(delivery);
    expect(await listPendingDeliveries(scene, { olderThanMs: 60_000 })).toEqual([]);
  });

  it.each([64, 300_000])('are stored packed, and come back as they were: %i bytes', async (length) => {
    const body = Buffer.from(`{"said":"${'again and '.repeat(length / 10)}"}`);
    const delivery = { provider: 'github', deliveryId: `packed-${length}`, event: 'push', body };
    await receiveWebhook(scene, delivery);
    const stored = await scene.database.pool.query<{ size: number; digest: Buffer }>(
      'SELECT length(body) AS size, digest FROM webhook_deliveries WHERE delivery_id = $1',
      [delivery.deliveryId],
    );
    expect(stored.rows).toEqual([{ size: expect.any(Number), digest: createHash('sha256').update(body).digest() }]);
    expect(stored.rows[0]?.size).toBeLessThan(body.length);
    expect(await listPendingDeliveries(scene, { olderThanMs: 0 })).toContainEqual(delivery);
  });

  it('that were stored as they came come back so', async () => {
    await scene.database.pool.query(
      `INSERT INTO webhook_deliveries (provider, delivery_id, event, body, digest) VALUES ('github', 'as-it-came', 'push', '{"a":1}', sha256('{"a":1}'))`,
    );
    expect(await listPendingDeliveries(scene, { olderThanMs: 0 })).toContainEqual(expect.objectContaining({ deliveryId: 'as-it-came', body: Buffer.from('{"a":1}') }));
  });

  it('are stored together where they come together, and one that cannot be stored keeps no other from it', async () => {
    const given = Array.from({ length: 20 }, (_, index) => ({ provider: 'github', deliveryId: `together-${index}`, event: 'push', body: Buffer.from(`${index}`) }));
    expect(await Promise.all(given.map((delivery) => receiveWebhook(scene, delivery)))).toEqual(given.map(() => 'stored'));
    const stored = await scene.database.pool.query("SELECT DISTINCT xmin::text FROM webhook_deliveries WHERE delivery_id LIKE 'together-%'");
    expect(stored.rowCount).toBe(2);
    const more = ['beside-a', 'refused\0', 'beside-b'].map((deliveryId) => receiveWebhook(scene, { ...given[0]!, deliveryId }));
    expect((await Promise.allSettled(more)).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });

  it('show an entity’s latest commit, whatever the order in which they come', async () => {
    await deployed('pushed');
    expect(await apply(push('acme/pushed', 'b2', '2026-11-21T10:00:00Z'))).toBe('applied');
    expect(await apply(push('acme/pushed', 'a1', '2026-11-21T10:59:59+02:00'))).toBe('older');
    const { properties } = await entityOf('pushed');
    expect(properties).toMatchObject({
      ...{ repository: 'pushed', default_branch: 'main', repository_state: 'active' },
      latest_commit: { sha: 'b2', message: 'Commit b2', author: 'ada', url: 'https://git.example/b2', at: '2026-11-20T00:00:00Z' },
    });
    const times = [5, 1, 9, 3, 7].map((minute) => `2026-11-21T11:0${minute}:00Z`);
    await Promise.all(times.map((at) => apply(push('acme/pushed', at, at))));
    expect((await entityOf('pushed')).properties['latest_commit']).toMatchObject({ sha: '2026-11-21T11:09:00Z' });
  });

  it('finish the delivery with what came of it', async () => {
    await deployed('finished');
    const delivery = await store();
    await applyOne({ delivery, event: push('acme/finished', 'c', '2026-11-21T10:00:00Z'), signal: null });
    const stored = await scene.database.pool.query(
      'SELECT outcome, processed_at FROM webhook_deliveries WHERE delivery_id = $1',
      [delivery.deliveryId],
    );
    expect(stored.rows).toEqual([{ outcome: 'applied', processed_at: expect.any(Date) }]);
  });

  it('that come again under another id have no second effect, nor wake anybody', async () => {
    await deployed('replayed');
    const signal = { key: 'github:push:acme/replayed', body: {} };
    const event = push('acme/replayed', 'd', '2026-11-21T10:00:00Z');
    const first = await store('{"the same":"bytes"}');
    expect(await applyOne({ delivery: first, event, signal })).toBe('applied');
    const again = await store('{"the same":"bytes"}');
    expect(await applyOne({ delivery: again, event, signal })).toBe(`ignored: repeats ${first.deliveryId}`);
    const sent = await scene.database.pool.query('SELECT 1 FROM signals WHERE key = $1', [signal.key]);
    expect(sent.rowCount).toBe(1);
  });

  it('of several repositories at once each end with what came of them, and tell those who wait', async () => {
    await deployed('together-a');
    await deployed('together-b');
    const at = (minute: number) => `2026-11-21T10:0${minute}:00Z`;
    const events: RepositoryEvent[] = [
      push('acme/together-a', 'a2', at(2)),
      push('acme/together-b', 'b1', at(1)),
      { event: 'ignored', reason: 'ping' },
      push('acme/together-a', 'a1', at(1)),
      push('acme/nobody', 'n', at(1)),
      push('acme/together-b', 'b3', at(3)),
    ];
    const signals = events.map((_, index) => ({ key: `github:push:together-${index % 2}`, body: { index } }));
    const delivered = await Promise.all(events.map(async (event, index) => ({ delivery: await store(), event, signal: signals[index] ?? null })));
    const outcomes = ['applied', 'applied', 'ignored: ping', 'older', 'unknown_repository', 'applied'];
    expect(await applyRepositoryEvents(scene, delivered)).toEqual(outcomes);
    expect((await entityOf('together-a')).properties['latest_commit']).toMatchObject({ sha: 'a2' });
    expect((await entityOf('together-b')).properties['latest_commit']).toMatchObject({ sha: 'b3' });
    const { pool } = scene.database;
    expect((await pool.query(`SELECT DISTINCT xmin::text FROM entities WHERE identifier LIKE 'together-_'`)).rowCount).toBe(1);
    const kept = await pool.query('SELECT outcome FROM webhook_deliveries WHERE delivery_id = ANY ($1) ORDER BY delivery_id', [
      delivered.map(({ delivery }) => delivery.deliveryId),
    ]);
    expect(kept.rows.map(({ outcome }) => outcome)).toEqual(outcomes);
    // Once each, in the order in which they came, however often all this is repeated.
    await applyRepositoryEvents(scene, delivered);
    const sent = await pool.query(`SELECT body FROM signals WHERE key LIKE 'github:push:together-%' ORDER BY id`);
    expect(sent.rows).toEqual(signals.map(({ body }) => ({ body })));
  });

  it.each([
    ['a repository nobody here holds', push('acme/other', 'x', '2026-11-21T10:00:00Z'), 'unknown_repository'],
    ['another branch', push('acme/left-alone', 'x', '2026-11-21T10:00:00Z', 'feature'), 'older'],
    ['anything else', { event: 'ignored', reason: 'ping' } as const, 'ignored: ping'],
  ])('leave everything as it is for %s', async (_what, event, outcome) => {
    if (event.event === 'told' && event.repository.fullName === 'acme/left-alone') {
      await deployed('left-alone');
      await apply(push('acme/left-alone', 'first', '2026-11-21T09:00:00Z'));
    }
    const before = await entityOf('pushed');
    expect(await apply(event)).toBe(outcome);
    expect(await entityOf('pushed')).toEqual(before);
  });

  it('do not reach an entity whose repository is gone', async () => {
    const run = await scene.deploy('archived');
    await scene.end(run.id, 'SUCCEEDED', [{ externalId: 'acme/archived', state: 'KEPT' }]);
    expect(await apply(push('acme/archived', 'x', '2026-11-21T10:00:00Z'))).toBe('unknown_repository');
  });

  it('follow a repository by its id to its new name, and say who still knows the old one', async () => {
    const stale = { kind: 'argocd:repository', externalId: 'https://git.example/acme/before.git', title: 'Argo CD repository' };
    const other = { kind: 'argocd:repository', externalId: 'https://git.example/acme/beforehand.git', title: 'Another' };
    await deployed('before', { id: 4711 }, [stale, other]);
    expect(await apply(told('acme/after', state('acme/after', '2026-11-21T10:00:00Z'), 4711))).toBe('applied');
    const renamed = await entityOf('before');
    expect(renamed.properties).toMatchObject({
      repository: 'after',
      repository_notice: 'Was acme/before, and is acme/after now. Still at the old address, and to be pointed to https://git.example/acme/after: Argo CD repository.',
    });
    expect(renamed.links).toContainEqual({ kind, title: 'Repository acme/after', url: 'https://git.example/acme/after' });
    // The old name is free for another service, and the new one is not.
    await expect(scene.deploy('before-two', { repo_name: 'after' })).rejects.toMatchObject({ code: 'conflict' });
    await expect(scene.deploy('before-three', { repo_name: 'before' })).resolves.toBeTruthy();
    // Somebody else's repository of the old name is not ours.
    expect(await apply(told('acme/before', state('acme/before', '2026-11-21T11:00:00Z'), 999))).toBe('unknown_repository');
    await apply(told('acme/before', state('acme/before', '2026-11-21T12:00:00Z'), 4711));
    expect((await entityOf('before')).properties).not.toHaveProperty('repository_notice');
  });

  it('take back the first name of a repository that bears it again, and let go of the other', async () => {
    await deployed('there-and-back', { id: 4712 });
    await apply(told('acme/away', state('acme/away', '2026-11-21T10:00:00Z'), 4712));
    expect((await entityOf('there-and-back')).properties).toMatchObject({ repository: 'away' });
    await apply(told('acme/there-and-back', state('acme/there-and-back', '2026-11-21T11:00:00Z'), 4712));
    const { properties } = await entityOf('there-and-back');
    expect(properties).toMatchObject({ repository: 'there-and-back' });
    expect(properties).not.toHaveProperty('repository_notice');
    await expect(scene.deploy('late-comer', { repo_name: 'there-and-back' })).rejects.toMatchObject({ code: 'conflict' });
    await expect(scene.deploy('late-comer', { repo_name: 'away' })).resolves.toBeTruthy();
  });

  it('that tell of two names at once leave the last, on the entity and on its link', async () => {
    await deployed('twice', { id: 4713 });
    await apply(told('acme/twice', state('acme/twice', '2026-11-21T09:00:00Z'), 4713));
    const names = ['acme/between', 'acme/twice'].map((name, index) => told(name, state(name, `2026-11-21T1${index}:00:00Z`), 4713));
    const delivered = await Promise.all(names.map(async (event) => ({ delivery: await store(), event, signal: null })));
    expect(await applyRepositoryEvents(scene, delivered)).toEqual(['applied', 'applied']);
    const { properties, links } = await entityOf('twice');
    expect(properties).toMatchObject({ repository: 'twice' });
    expect(properties).not.toHaveProperty('repository_notice');
    expect(links).toEqual([{ kind, title: 'Repository acme/twice', url: 'https://git.example/acme/twice' }]);
  });

  it('leave the name last told on the link, though another observation changes it while they wait', async () => {
    await deployed('raced', { id: 4714 });
    await apply(told('acme/raced', state('acme/raced', '2026-11-21T09:00:00Z'), 4714));
    const other = await scene.database.pool.connect();
    await other.query('BEGIN');
    const between = state('acme/elsewhere', '2026-11-21T10:00:00Z');
    await other.query(`UPDATE entities SET observed = $1 WHERE identifier = 'raced'`, [between]);
    const last = apply(told('acme/raced', state('acme/raced', '2026-11-21T11:00:00Z'), 4714));
    await lockIsWaitedFor(scene.database.pool);
    const shown = { fullName: 'acme/elsewhere' };
    await other.query(`UPDATE resources SET url = $1, properties = properties || $2, title = 'Repository acme/elsewhere' WHERE external_id = 'acme/raced'`, [between.state?.url, shown]);
    await other.query('COMMIT');
    other.release();
    expect(await last).toBe('applied');
    expect((await entityOf('raced')).links).toEqual([{ kind, title: 'Repository acme/raced', url: 'https://git.example/acme/raced' }]);
  });

  it('show what was deleted as deleted, and offer no link to it', async () => {
    await deployed('deleted', { id: 12 });
    await apply(push('acme/deleted', 'x', '2026-11-21T10:00:00Z', 'main', 12));
    await apply(told('acme/deleted', state('acme/deleted', '2026-11-21T10:00:00Z', { condition: 'deleted' }), 12));
    const entity = await entityOf('deleted');
    expect(entity.properties).toMatchObject({ repository_state: 'deleted' });
    expect(entity.links).toEqual([]);
  });

  it('that leave something open have the truth asked for, once, and then each day', async () => {
    await deployed('open', { id: 5 });
    await scene.repositories.makeDue(kind, 'unheard');
    const asked: unknown[] = [];
    const truth = {
      kind,
      read: async (named: { id: number | null; fullName: string }) => {
        asked.push(named);
        const fullName = named.fullName;
        return { repository: { kind, id: named.id ?? idOf(fullName), fullName }, seen: state(fullName, '2026-11-21T10:00:00Z', { defaultBranch: 'trunk' }) };
      },
    };
    const readAll = async () => {
      while (await readDueRepository({ repositories: scene.repositories, truth }, new AbortController().signal));
    };
    await readAll();
    expect(asked).toContainEqual({ id: 5, fullName: 'acme/open', knownRelease: null });
    asked.length = 0;
    await readAll();
    expect(asked).toEqual([]);
    expect(await apply(told('acme/open', state('acme/open', '2026-11-21T10:00:00Z', { defaultBranch: 'other' }), 5))).toBe('unclear');
    await readAll();
    expect(asked).toEqual([{ id: 5, fullName: 'acme/open', knownRelease: null }]);
    expect((await entityOf('open')).properties).toMatchObject({ default_branch: 'trunk' });
    expect(await scene.repositories.makeDue(kind, 'all')).toBeGreaterThan(0);
  });

  it('of a release that come while the truth is asked for are not undone by an answer that knew none', async () => {
    await deployed('released', { id: 7 });
    await scene.database.pool.query(`UPDATE entities SET read_due_at = CASE WHEN identifier = 'released' THEN now() END`);
    const release = { id: '1', tag: 'v1', name: 'First', url: 'https://git.example/v1', at: '2026-11-21T10:00:00Z' };
    let looks = 0;
    const truth = {
      kind,
      read: async ({ fullName }: { fullName: string }) => {
        const seen = state(fullName, '2026-11-21T09:00:00Z');
        looks += 1;
        if (looks > 1) return { repository: { kind, id: 7, fullName }, seen: { ...seen, release } };
        expect(await apply(told(fullName, { ...seen, release }, 7))).toBe('applied');
        return { repository: { kind, id: 7, fullName }, seen, goneRelease: '*' };
      },
    };
    while (await readDueRepository({ repositories: scene.repositories, truth }, new AbortController().signal));
    expect(looks).toBe(2);
    expect((await entityOf('released')).properties['latest_release']).toMatchObject({ tag: 'v1' });
  });

  it('of many at once lose nothing of one repository', async () => {
    await deployed('busy', { id: 6 });
    const checks = Array.from({ length: 20 }, (_, index) => ({
      ...{ id: String(index), sha: 'head', name: 'ci', status: 'completed' as const, conclusion: index === 7 ? 'failure' : 'success' },
      ...{ url: `https://git.example/${index}`, attempt: 1, at: `2026-11-21T10:00:${String(index).padStart(2, '0')}Z` },
    }));
    await apply(push('acme/busy', 'head', '2026-11-21T10:00:00Z', 'main', 6));
    await Promise.all(checks.map((check) => learnOfRepositories(scene, [{ repository: { kind, id: 6, fullName: 'acme/busy' }, seen: { checks: [check] } }])));
    expect((await entityOf('busy')).properties['checks']).toMatchObject({ state: 'failure', url: 'https://git.example/7' });
  });
});
