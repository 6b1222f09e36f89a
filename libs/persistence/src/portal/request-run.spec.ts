import { getEntity, getRun, requestRun, type RequestRunCommand } from '@slipway/portal';
import { ada, admin, bob, createPortalScene, type PortalScene, setUpMs } from '../testing/portal-scene.js';

describe('requestRun', () => {
  let scene: PortalScene;
  beforeAll(async () => (scene = await createPortalScene()), setUpMs);
  afterAll(() => scene.database.drop());

  const request = (command: Partial<RequestRunCommand>) =>
    requestRun(scene, { principal: admin, action: 'deploy', properties: {}, ...command });
  const service = (identifier: string) => ({ blueprint: 'service', identifier });
  /** How much there is of each thing that an accepted request stores. */
  const stored = async () => {
    const tables = ['runs', 'entities', 'entity_claims', 'steps', 'run_secrets', 'events', 'outbox', 'idempotency_keys'];
    return Promise.all(tables.map(async (table) => [table, await scene.count(table)]));
  };

  describe('a new entity', () => {
    it('is accepted with its run, steps, first event and outbox row, and the relay is told', async () => {
      const kicks = scene.kicks();
      const run = await scene.deploy('shop', {}, ada);

      expect(run).toMatchObject({
        action: 'deploy',
        operation: 'CREATE',
        status: 'QUEUED',
        requestedBy: ada.id,
        entity: service('shop'),
      });
      expect(run.id).toMatch(/^r_[0-9a-hjkmnp-tv-z]{20}$/);
      expect(run.inputs).toEqual({ app_name: 'shop', repo_name: 'shop', namespace: 'shop', db_name: 'main' });
      expect(run.steps.map(({ id, name, status, needs }) => ({ id, name, status, needs }))).toEqual([
        { id: 'first', name: 'The first', status: 'PENDING', needs: [] },
        { id: 'second', name: 'second', status: 'PENDING', needs: ['first'] },
      ]);
      expect(await getRun(scene, { principal: ada, runId: run.id })).toEqual(run);
      expect(await getEntity(scene, { principal: ada, entity: service('shop') })).toMatchObject({
        status: 'creating',
        team: 'payments',
        createdBy: ada.id,
        properties: { repository: 'shop', namespace: 'shop', database: 'main' },
        links: [],
      });
      expect(await scene.runs.eventPages([{ runId: run.id, after: 0 }], 10)).toMatchObject([
        { lastSeq: 1, events: [{ seq: 1, type: 'run', status: 'QUEUED' }] },
      ]);
      const posted = await scene.database.pool.query('SELECT 1 FROM outbox WHERE run_id = $1', [run.id]);
      expect(posted.rowCount).toBe(1);
      expect(scene.kicks()).toBe(kicks + 1);
    });

    it('is refused with every fault at once, and nothing is written', async () => {
      const before = await stored();
      const refused = request({ properties: { app_name: '../x', namespace: "'; drop", extra: 1 }, idempotencyKey: 'k-faulty' });
      await expect(refused).rejects.toMatchObject({ code: 'invalid_input' });
      const paths = await refused.catch((error) => error.details.map((issue: { path: string }) => issue.path));
      expect(paths.sort()).toEqual(['properties.app_name', 'properties.extra', 'properties.namespace', 'properties.repo_name']);
      expect(await stored()).toEqual(before);
    });

    it('is refused when its plan cannot work any more, with every fault and its path, and nothing is written', async () => {
      const before = await stored();
      const step = (id: string, needs: string[], action: string, input = {}) => ({ id, needs, action, input });
      const steps = [step('a', ['b'], 'debug:log'), step('b', ['a'], 'gone:away'), step('c', ['nobody'], 'debug:log', { listWorkspace: 1 })];
      await scene.database.pool.query(
        `INSERT INTO actions (identifier, title, operation, blueprint, template, template_digest)
         SELECT 'impossible', title, operation, blueprint, jsonb_set(template::jsonb, '{document,spec,steps}', $1), template_digest
           FROM actions WHERE identifier = 'deploy'`,
        [JSON.stringify(steps)],
      );
      const properties = { app_name: 'never', repo_name: 'never', namespace: 'never', api_key: 'hunter2hunter2' };
      const refused = request({ action: 'impossible', properties, idempotencyKey: 'k-never' }).finally(() =>
        scene.database.pool.query(`DELETE FROM actions WHERE identifier = 'impossible'`),
      );
      await expect(refused).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining('cannot run here') });
      const faults = await refused.catch((error) => error.details.map(({ path, code }: { path: string; code: string }) => `${path} ${code}`));
      expect(faults.sort()).toEqual([
        'spec.steps cycle',
        'spec.steps.1.action unknown_action',
        'spec.steps.2.input.listWorkspace input_invalid',
        'spec.steps.2.needs unknown_need',
      ]);
      expect(await stored()).toEqual(before);
    });

    it.each([
      ['a NUL', { note: 'a\0b' }, 'properties.note'],
      ['half a surrogate pair', { note: 'a\ud800b' }, 'properties.note'],
      ['a secret that is none', { api_key: { of: 'hunter2hunter2' } }, 'properties.api_key'],
    ])('is refused with %s, and nothing is written', async (_what, properties, path) => {
      const before = await stored();
      const names = { app_name: 'odd', repo_name: 'odd', namespace: 'odd' };
      const refused = request({ properties: { ...names, ...properties }, idempotencyKey: 'k-odd' });
      await expect(refused).rejects.toMatchObject({ code: 'invalid_input', details: [{ path }] });
      await expect(refused.catch((error) => JSON.stringify(error.details))).resolves.not.toContain('hunter2');
      expect(await stored()).toEqual(before);
    });

    it('names no entity of its own', async () => {
      await expect(request({ entity: 'shop' })).rejects.toMatchObject({ code: 'invalid_input', details: [{ path: 'entity' }] });
    });

    it('is refused when the name is taken, naming the holder', async () => {
      const first = await scene.deploy('taken', {}, ada);
      const refused = scene.deploy('taken', { repo_name: 'other', namespace: 'other' });
      await expect(refused).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining(`(run ${first.id})`) });
      await expect(refused).rejects.toThrow(/is creating; ada@example\.org requested it at 20/);
    });

    it.each(['repo_name', 'namespace'])('is refused when its %s belongs to another', async (input) => {
      await scene.deploy(`owner-${input.replace('_', '-')}`, { [input]: `wanted-${input.replace('_', '-')}` });
      await expect(
        scene.deploy(`late-${input.replace('_', '-')}`, { [input]: `wanted-${input.replace('_', '-')}` }),
      ).rejects.toMatchObject({
        code: 'conflict',
        message: expect.stringContaining(`taken by the service "owner-${input.replace('_', '-')}"`),
      });
    });

    it('is accepted exactly once when twenty ask for the same name', async () => {
      const results = await Promise.allSettled(Array.from({ length: 20 }, () => scene.deploy('popular')));
      expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1);
      const codes = results.flatMap((result) => (result.status === 'rejected' ? [result.reason.code] : []));
      expect(codes).toEqual(Array(19).fill('conflict'));
    });

    it('is accepted exactly once when twenty of other names ask for the same namespace', async () => {
      const results = await Promise.allSettled(
        Array.from({ length: 20 }, (_, i) =>
          scene.deploy(`crowd-${i}`, { repo_name: `crowd-${'abcdefghijklmnopqrst'[i]}`, namespace: 'crowded' }),
        ),
      );
      expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1);
    });
  });

  describe('after a failed CREATE', () => {
    it('takes the name over when nothing stands any more, claims and all', async () => {
      const first = await scene.deploy('phoenix');
      await scene.end(first.id, 'FAILED', [{ state: 'REMOVED' }]);
      const results = await Promise.allSettled(Array.from({ length: 5 }, () => scene.deploy('phoenix')));
      const accepted = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
      expect(accepted).toHaveLength(1);
      expect(await getEntity(scene, { principal: admin, entity: service('phoenix') })).toMatchObject({ status: 'creating' });
    });

    it('takes a namespace over from an entity of another name', async () => {
      const first = await scene.deploy('ruin');
      await scene.end(first.id, 'FAILED');
      await expect(scene.deploy('heir', { namespace: 'ruin' })).resolves.toMatchObject({ status: 'QUEUED' });
      await expect(scene.deploy('second-heir', { namespace: 'ruin' })).rejects.toThrow(/taken by the service "heir"/);
    });

    it('is refused while something stands, and says what', async () => {
      const first = await scene.deploy('stuck');
      await scene.end(first.id, 'FAILED', [{ title: 'Repository acme/stuck', state: 'REMOVE_FAILED' }]);
      await expect(scene.deploy('stuck')).rejects.toThrow(/this still stands: Repository acme\/stuck/);
    });
  });

  describe('with an Idempotency-Key', () => {
    const properties = (name: string) => ({ app_name: name, repo_name: name, namespace: name });

    it('answers with the same run, twenty times at once', async () => {
      const runs = await Promise.all(
        Array.from({ length: 20 }, () => request({ properties: properties('once'), idempotencyKey: 'k-once' })),
      );
      expect(new Set(runs.map((run) => run.id)).size).toBe(1);
      const { namespace, ...rest } = properties('once');
      const reordered = await request({ properties: { namespace, ...rest }, idempotencyKey: 'k-once' });
      expect(reordered.id).toBe(runs[0]?.id);
    });

    it('refuses another body under the same key', async () => {
      await request({ properties: properties('keyed'), idempotencyKey: 'k' });
      await expect(request({ properties: properties('other'), idempotencyKey: 'k' })).rejects.toMatchObject({
        code: 'idempotency_conflict',
      });
    });

    it('keeps callers apart', async () => {
      const run = await request({ properties: properties('mine'), idempotencyKey: 'shared' });
      const other = await request({ properties: properties('yours'), idempotencyKey: 'shared', principal: ada });
      expect(other.id).not.toBe(run.id);
    });

    it('forgets a key after 24 h', async () => {
      const run = await request({ properties: properties('monday'), idempotencyKey: 'weekly' });
      await scene.database.pool.query(
        `UPDATE idempotency_keys SET created_at = now() - interval '25 hours' WHERE key = 'weekly'`,
      );
      expect((await request({ properties: properties('tuesday'), idempotencyKey: 'weekly' })).id).not.toBe(run.id);
    });

    it('does not spend the key on a refused request', async () => {
      await scene.deploy('full');
      await expect(request({ properties: properties('full'), idempotencyKey: 'free' })).rejects.toMatchObject({
        code: 'conflict',
      });
      await expect(request({ properties: properties('empty'), idempotencyKey: 'free' })).resolves.toMatchObject({
        status: 'QUEUED',
      });
    });

    it.each(['', 'with space', 'x'.repeat(256), 'a\0b'])('refuses the key %j', async (idempotencyKey) => {
      await expect(request({ idempotencyKey })).rejects.toMatchObject({ code: 'bad_request' });
    });

    it('repeats a DELETE as well', async () => {
      const run = await scene.deploy('short-lived');
      await scene.end(run.id, 'SUCCEEDED');
      const removal = { action: 'remove', entity: 'short-lived', properties: { confirm: 'short-lived' }, idempotencyKey: 'bye' };
      const removals = await Promise.all(Array.from({ length: 5 }, () => request(removal)));
      expect(new Set(removals.map(({ id }) => id)).size).toBe(1);
      await scene.end(removals[0]?.id ?? '', 'SUCCEEDED');
      expect((await request(removal)).id).toBe(removals[0]?.id);
    });
  });

  describe('an entity that is there', () => {
    it('is deleted under its own mark once its name is typed, and its name is free afterwards', async () => {
      const made = await scene.deploy('gone');
      await scene.end(made.id, 'SUCCEEDED', [{}]);
      await expect(request({ action: 'remove', entity: 'gone', properties: { confirm: 'gnoe' } })).rejects.toMatchObject({
        code: 'invalid_input',
        details: [{ path: 'properties.confirm', code: 'confirm' }],
      });
      const removal = await request({ action: 'remove', entity: 'gone', properties: { confirm: 'gone' } });
      expect(removal.inputs).toEqual({ confirm: 'gone', repository: 'archive' });
      const stored = await scene.database.pool.query('SELECT mark FROM runs WHERE id = $1', [removal.id]);
      expect(stored.rows).toEqual([{ mark: made.id }]);
      await expect(request({ action: 'remove', entity: 'gone', properties: { confirm: 'gone' } })).rejects.toThrow(
        `Service "gone" is busy: run ${removal.id} (remove, QUEUED)`,
      );
      await expect(request({ action: 'touch', entity: 'gone' })).rejects.toMatchObject({ code: 'conflict' });
      await scene.end(removal.id, 'SUCCEEDED', [{ runId: made.id, externalId: `acme/${made.id}`, state: 'REMOVED' }]);
      await expect(getEntity(scene, { principal: admin, entity: service('gone') })).rejects.toMatchObject({ code: 'not_found' });
      await expect(scene.deploy('gone')).resolves.toMatchObject({ status: 'QUEUED' });
    });

    it('is not touched while it is being made, and queues DAY-2 runs once it is ready', async () => {
      const made = await scene.deploy('busy');
      await expect(request({ action: 'touch', entity: 'busy' })).rejects.toThrow(/busy: run r_/);
      await scene.end(made.id, 'SUCCEEDED');
      const [one, two] = [await request({ action: 'touch', entity: 'busy' }), await request({ action: 'touch', entity: 'busy' })];
      expect(one.id < two.id).toBe(true);
      expect(await getEntity(scene, { principal: admin, entity: service('busy') })).toMatchObject({ status: 'ready' });
    });

    it('may be deleted after it failed, but not changed', async () => {
      const made = await scene.deploy('broken');
      await scene.end(made.id, 'FAILED', [{}]);
      await expect(request({ action: 'touch', entity: 'broken' })).rejects.toThrow(/only a ready one can be changed/);
      const removal = await request({ action: 'remove', entity: 'broken', properties: { confirm: 'broken' } });
      await scene.end(removal.id, 'FAILED');
      expect(await getEntity(scene, { principal: admin, entity: service('broken') })).toMatchObject({ status: 'failed' });
    });

    it.each([
      ['none of that name', { entity: 'nobody' }, 'not_found'],
      ['a name nobody can have', { entity: "'; DROP TABLE runs; --\0" }, 'not_found'],
      ['no name', {}, 'invalid_input'],
    ])('is refused for %s', async (_what, command, code) => {
      await expect(request({ action: 'remove', properties: { confirm: 'x' }, ...command })).rejects.toMatchObject({ code });
    });

    it('is not there for another team', async () => {
      const made = await scene.deploy('private', {}, ada);
      await scene.end(made.id, 'SUCCEEDED');
      await expect(request({ action: 'touch', entity: 'private', principal: bob })).rejects.toMatchObject({ code: 'not_found' });
      await expect(getRun(scene, { principal: bob, runId: made.id })).rejects.toMatchObject({ code: 'not_found' });
      await expect(request({ action: 'touch', entity: 'private', principal: ada })).resolves.toMatchObject({ status: 'QUEUED' });
    });
  });

  it.each(['deplo', '../deploy', 'a\0b'])('names the known actions when there is no %j', async (action) => {
    await expect(request({ action })).rejects.toMatchObject({
      code: 'not_found',
      message: expect.stringContaining('There are: deploy, remove, touch.'),
    });
  });
});
