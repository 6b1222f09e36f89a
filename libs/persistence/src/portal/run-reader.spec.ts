import type { RunEvent, RunView } from '@slipway/contracts';
import {
  followRunEvents,
  getEntity,
  getRun,
  listActions,
  listEntities,
  listEntityResources,
  listLogLines,
  listRunResources,
  listRuns,
  requestRun,
} from '@slipway/portal';
import { ada, admin, bob, createPortalScene, type PortalScene, setUpMs } from '../testing/portal-scene.js';

describe('looking', () => {
  let scene: PortalScene;
  beforeAll(async () => (scene = await createPortalScene()), setUpMs);
  afterAll(() => scene.database.drop());

  /** What a worker's record does to the history. */
  async function log(runId: string, ...messages: string[]): Promise<void> {
    for (const message of messages) {
      await scene.database.pool.query(
        `WITH run AS (
           UPDATE runs SET last_seq = last_seq + 1, last_line = last_line + 1 WHERE id = $1 RETURNING id, last_seq, last_line)
         INSERT INTO events (run_id, seq, line, type, body) SELECT id, last_seq, last_line, 'log', $2::jsonb FROM run`,
        [runId, JSON.stringify({ stepId: 'first', level: 'info', message })],
      );
    }
  }

  function follow(runId: string, afterSeq = 0, signal = new AbortController().signal): Promise<AsyncIterable<RunEvent>> {
    return followRunEvents(scene, { principal: admin, runId, afterSeq, signal });
  }

  async function seqs(events: AsyncIterable<RunEvent>): Promise<number[]> {
    const seen: number[] = [];
    for await (const event of events) seen.push(event.seq);
    return seen;
  }

  const upTo = (last: number, from = 1) => Array.from({ length: last - from + 1 }, (_, i) => from + i);

  describe('followRunEvents', () => {
    it('answers the history of an ended run and ends', async () => {
      const run = await scene.deploy('history');
      await log(run.id, 'one', 'two');
      await scene.end(run.id, 'SUCCEEDED');
      expect(await seqs(await follow(run.id))).toEqual([1, 2, 3, 4]);
      expect(await seqs(await follow(run.id, 2))).toEqual([3, 4]);
      expect(await seqs(await follow(run.id, 4))).toEqual([]);
    });

    it('follows a live run without a gap or a double, over pages, while ten writers write', async () => {
      const run = await scene.deploy('live');
      await log(run.id, ...Array.from({ length: 600 }, (_, i) => `before ${i}`));
      const readers = [seqs(await follow(run.id)), seqs(await follow(run.id, 300)), seqs(await follow(run.id))];
      await Promise.all(
        Array.from({ length: 10 }, async (_, writer) => {
          for (let i = 0; i < 20; i++) {
            await log(run.id, `${writer} ${i}`);
            if (i % 3 === 0) scene.announce(run.id);
          }
        }),
      );
      await scene.end(run.id, 'FAILED');
      scene.announce(run.id);
      expect(await Promise.all(readers)).toEqual([upTo(802), upTo(802, 301), upTo(802)]);
      expect(scene.listeners(run.id)).toBe(0);
    }, 30_000);

    it('sees what nobody announced, within a second or so', async () => {
      const run = await scene.deploy('silent');
      const reader = seqs(await follow(run.id));
      await scene.end(run.id, 'SUCCEEDED');
      expect(await reader).toEqual([1, 2]);
    });

    it('goes on behind an end that a retry took back', async () => {
      const run = await scene.deploy('retried');
      await scene.end(run.id, 'FAILED');
      await scene.database.pool.query(`UPDATE runs SET status = 'RUNNING' WHERE id = $1`, [run.id]);
      const reader = seqs(await follow(run.id));
      await scene.end(run.id, 'SUCCEEDED');
      expect(await reader).toEqual([1, 2, 3]);
    });

    it('ends without an error when the reader goes away', async () => {
      const run = await scene.deploy('left');
      const gone = new AbortController();
      const events = await follow(run.id, 0, gone.signal);
      for await (const event of events) {
        expect(event.seq).toBe(1);
        setImmediate(() => gone.abort());
      }
      expect(scene.listeners(run.id)).toBe(0);
    });

    it('refuses a run that the caller may not see before anything is streamed', async () => {
      const run = await scene.deploy('walled', {}, ada);
      const { signal } = new AbortController();
      await expect(followRunEvents(scene, { principal: bob, runId: run.id, afterSeq: 0, signal })).rejects.toMatchObject({
        code: 'not_found',
      });
    });
  });

  it('shows the items of an each behind their step, as what their step is', async () => {
    const run = await scene.deploy('items');
    await scene.database.pool.query(
      `INSERT INTO steps (run_id, id, position, parent, item, each, status)
       SELECT $1, 'first[' || n || ']', 1, 'first', n, '{"key":0,"value":1}', 'PENDING' FROM unnest(ARRAY[10, 2, 0]) AS n`,
      [run.id],
    );
    const { steps } = await getRun(scene, { principal: admin, runId: run.id });
    expect(steps.map(({ id }) => id)).toEqual(['first', 'first[0]', 'first[2]', 'first[10]', 'second']);
    expect(steps[1]).toMatchObject({ name: 'The first', action: 'debug:log', needs: [] });
  });

  it('lists log lines by number', async () => {
    const run = await scene.deploy('lines');
    await log(run.id, 'one', 'two', 'three');
    const lines = await listLogLines(scene, { principal: admin, runId: run.id, offset: 1, limit: 1 });
    expect(lines).toEqual([
      { type: 'log', seq: 3, line: 2, stepId: 'first', level: 'info', message: 'two', at: expect.stringMatching(/Z$/) },
    ]);
    await expect(listLogLines(scene, { principal: admin, runId: run.id, offset: -1 })).rejects.toMatchObject({
      code: 'bad_request',
    });
    await expect(listLogLines(scene, { principal: admin, runId: run.id, limit: 0 })).rejects.toMatchObject({
      code: 'bad_request',
    });
  });

  it('pages through runs, newest first, each exactly once', async () => {
    const requested: RunView[] = [];
    for (const letter of 'abcdefg') requested.push(await scene.deploy(`page-${letter}`));
    // Two may have been accepted in the same millisecond.
    requested.sort((one, other) => other.createdAt.localeCompare(one.createdAt) || one.id.localeCompare(other.id));
    const seen: string[] = [];
    let after: string | null = null;
    do {
      const page: Awaited<ReturnType<typeof listRuns>> = await listRuns(scene, {
        principal: admin,
        limit: 3,
        ...(after ? { after } : {}),
      });
      seen.push(...page.items.map((run) => run.id));
      after = page.next;
    } while (after);
    expect(seen.slice(0, 7)).toEqual(requested.map(({ id }) => id));
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen).toHaveLength(await scene.count('runs'));
  });

  it('lists runs by what they are about, and only those the caller may see', async () => {
    const run = await scene.deploy('filtered', {}, ada);
    const about = { blueprint: 'service', entity: 'filtered', action: 'deploy', statuses: ['QUEUED' as const] };
    expect((await listRuns(scene, { principal: ada, ...about })).items.map(({ id }) => id)).toEqual([run.id]);
    expect((await listRuns(scene, { principal: ada, ...about, statuses: ['FAILED'] })).items).toEqual([]);
    expect((await listRuns(scene, { principal: bob, ...about })).items).toEqual([]);
    expect((await listRuns(scene, { principal: ada, entity: 'a\0b' })).items).toEqual([]);
  });

  it('says which runs of its entity go before one that is queued: the one at work, then in their order', async () => {
    await scene.end((await scene.deploy('lined')).id, 'SUCCEEDED');
    const touch = () => requestRun(scene, { principal: admin, action: 'touch', entity: 'lined', properties: {} });
    const runs = [await touch(), await touch(), await touch()] as const;
    const [one, two, three] = runs.map(({ id }) => id) as [string, string, string];
    const behindOf = async () => (await listRuns(scene, { principal: admin, entity: 'lined', action: 'touch' })).items.map(({ id, behind }) => [id, behind]).reverse();
    expect(runs.map(({ id, behind }) => [id, behind])).toEqual([[one, []], [two, [one]], [three, [one, two]]]);
    expect(await behindOf()).toEqual([[one, []], [two, [one]], [three, [one, two]]]);

    const become = (id: string, status: string) => scene.database.pool.query('UPDATE runs SET status = $2 WHERE id = $1', [id, status]);
    await become(two, 'WAITING');
    expect(await behindOf()).toEqual([[one, [two]], [two, []], [three, [two, one]]]);
    await become(two, 'SUCCEEDED');
    expect(await behindOf()).toEqual([[one, []], [two, []], [three, [one]]]);
    expect((await touch()).behind).toEqual([one, three]);
  });

  it.each(['nonsense', Buffer.from('["a"]').toString('base64url'), Buffer.from('{"at":"x","id":"y"}').toString('base64url')])(
    'refuses the cursor %j',
    async (after) => {
      await expect(listRuns(scene, { principal: admin, after })).rejects.toMatchObject({ code: 'bad_request' });
      await expect(listEntities(scene, { principal: admin, after })).rejects.toMatchObject({ code: 'bad_request' });
    },
  );

  it('shows an entity’s links, and what was made for it, once they are there, and only its own', async () => {
    const old = await scene.deploy('linked');
    await scene.end(old.id, 'FAILED', [{ title: 'The old one', kind: 'akeyless:dynamic-secret', externalId: '/old', state: 'REMOVED' }]);
    const run = await scene.deploy('linked');
    await scene.end(run.id, 'SUCCEEDED', [
      { title: 'Repository', externalId: 'acme/a', url: 'https://git.example/acme/a' },
      { title: 'No page', kind: 'kubernetes:namespace', externalId: 'b', url: null },
      { title: 'Planned', kind: 'argocd:application', externalId: 'c', state: 'PLANNED' },
      { title: 'Secret', kind: 'akeyless:dynamic-secret', externalId: '/slipway/linked', url: null },
    ]);
    const entity = { blueprint: 'service', identifier: 'linked' };
    const shown = await getEntity(scene, { principal: admin, entity });
    expect(shown.links).toEqual([{ kind: 'github:repository', title: 'Repository', url: 'https://git.example/acme/a' }]);
    expect(shown.properties).toMatchObject({ dynamic_secret: '/slipway/linked' });
    expect(shown.properties).not.toHaveProperty('application');
    const titles = ['Repository', 'No page', 'Planned', 'Secret'];
    expect((await listEntityResources(scene, { principal: admin, entity })).map(({ title }) => title)).toEqual(titles);
    expect((await listRunResources(scene, { principal: admin, runId: run.id })).map(({ title }) => title)).toEqual(titles);
  });

  it('pages through entities in order, behind the walls', async () => {
    const seen: string[] = [];
    let after: string | null = null;
    do {
      const page: Awaited<ReturnType<typeof listEntities>> = await listEntities(scene, {
        principal: admin,
        blueprint: 'service',
        limit: 4,
        ...(after ? { after } : {}),
      });
      seen.push(...page.items.map(({ identifier }) => identifier));
      after = page.next;
    } while (after);
    expect(seen).toEqual([...seen].sort());
    expect(seen).toHaveLength(await scene.count('entities'));
    const bobs = await listEntities(scene, { principal: bob, limit: 1_000 });
    expect(bobs.items.map(({ identifier }) => identifier)).not.toContain('walled');
    expect(
      (await listEntities(scene, { principal: admin, statuses: ['ready'] })).items.map(({ identifier }) => identifier),
    ).toContain('linked');
  });

  it('lists actions with their forms', async () => {
    const actions = await listActions(scene, { principal: bob, operation: 'CREATE' });
    expect(actions).toMatchObject([
      {
        identifier: 'deploy',
        title: 'Deploy a service',
        description: 'All of it.',
        pages: [{ required: ['app_name', 'repo_name', 'namespace'] }],
      },
    ]);
  });
});
