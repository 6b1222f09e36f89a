import { exerciseStep, failureOf, stepOf, type StepScene } from '@slipway/engine/testing';
import { callAkeyless } from './testing/call-akeyless.js';
import { Scene } from './testing/scene.js';

const scene: Scene = new Scene((sandbox) => ({ databases: sandbox.mysql }));
const { sandbox } = scene;
const probe = () => scene.step('akeyless:credential:probe');

exerciseStep(
  'akeyless:credential:probe',
  async (): Promise<StepScene> => {
    const path = await scene.makeSecret(scene.rig(), scene.fresh());
    const count = async (): Promise<number> => (await scene.leasesOf(path)).length;
    return { step: probe(), kinds: scene.provider.kinds, input: { path, database: scene.server.database }, count };
  },
  { makesNothing: 'what it issues, it hands back' },
);

describe('akeyless:credential:probe', () => {
  it('issues one, logs in with it, and leaves none', async () => {
    const rig = scene.rig();
    const path = await scene.makeSecret(rig, scene.fresh());
    expect(await rig.run(probe(), { path, database: scene.server.database })).toEqual({ ttlMinutes: 60, loggedIn: true });
    expect(await scene.leasesOf(path)).toEqual([]);
    const issued = [...rig.values].filter((value) => value.startsWith('tmp_'));
    expect(issued).toHaveLength(1);
    expect(JSON.stringify(rig.lines)).not.toContain(issued[0]);
    expect(rig.ledger.rows.map((row) => row.kind)).not.toContain('akeyless:lease');
  });

  it('tries none where only the Gateway reaches the database, and says so', async () => {
    const rig = scene.rig();
    const path = await scene.makeSecret(rig, scene.fresh());
    const apart = stepOf(scene.providerWith({}), 'akeyless:credential:probe');
    expect(await rig.run(apart, { path })).toEqual({ ttlMinutes: 60, loggedIn: false });
    expect(JSON.stringify(rig.lines)).toContain('nobody said how the database is reached');
  });

  it('tries it where the target lies, where databases are reached directly', async () => {
    const rig = scene.rig();
    const path = await scene.makeSecret(rig, scene.fresh());
    const direct = stepOf(scene.providerWith({ databases: 'direct' }), 'akeyless:credential:probe');
    expect(await rig.run(direct, { path, ...sandbox.mysql })).toEqual({ ttlMinutes: 60, loggedIn: true });
    expect(await rig.run(direct, { path })).toEqual({ ttlMinutes: 60, loggedIn: false });
  });

  it.each([
    ['another schema than the one it is for', 'others', undefined, 'just the schema others; it sees shared'],
    ['no schema', undefined, "CREATE USER '{{name}}'@'%' IDENTIFIED BY '{{password}}'", 'just one schema; it sees none'],
  ])('fails where it sees %s, and revokes it', async (_what, database, creation, words) => {
    const rig = scene.rig();
    const name = scene.fresh();
    const path = await scene.makeSecret(rig, name);
    const revocation = "DROP USER IF EXISTS '{{name}}'@'%'";
    const changed = { name: path, 'target-name': path, 'mysql-screation-statements': creation, 'mysql-revocation-statements': revocation };
    if (creation !== undefined) await callAkeyless(sandbox, '/dynamic-secret-update-mysql', changed);
    const error = await failureOf(rig.run(probe(), { path, ...(database !== undefined && { database }) }));
    expect(error).toMatchObject({ classification: 'fatal', code: 'akeyless_credential_wrong_schema', remedy: expect.any(String) });
    expect(error.message).toContain(words);
    expect(await scene.leasesOf(path)).toEqual([]);
  });

  it('revokes it where the login fails, too', async () => {
    const rig = scene.rig();
    const path = await scene.makeSecret(rig, scene.fresh());
    const closed = stepOf(scene.providerWith({ databases: { host: '127.0.0.1', port: 9 } }), 'akeyless:credential:probe');
    const error = await failureOf(closed.run(rig.context(), closed.input.parse({ path })));
    expect(error).toMatchObject({ classification: 'retry', code: 'akeyless_login_failed' });
    expect(await scene.leasesOf(path)).toEqual([]);
  });

  it('takes away what an attempt left whose answer got lost, and nothing older', async () => {
    const rig = scene.rig();
    const path = await scene.makeSecret(rig, scene.fresh());
    const older = await scene.issue(path);
    const runStartedAt = new Date(Date.now() + 1);
    await sandbox.fault(
      { system: 'akeyless', match: { path: '/dynamic-secret-get-value' }, fault: 'applied-then-timeout', delayMs: 100, times: 1 },
      { system: 'akeyless', match: { path: '/dynamic-secret-tmp-creds-delete' }, fault: 'status', status: 503 },
    );
    const input = probe().input.parse({ path });
    const error = await failureOf(probe().run(rig.context({ runStartedAt }), input));
    expect(error.classification).not.toBe('fatal');
    expect(await scene.leasesOf(path)).toHaveLength(2);
    await sandbox.fault();
    expect(await probe().run(rig.context({ runStartedAt, attempt: 2 }), input)).toEqual({ output: { ttlMinutes: 60, loggedIn: true } });
    expect(await scene.leasesOf(path)).toEqual([older.user]);
    await rig.undo();
  });

  it('revokes even where the run is cancelled meanwhile', async () => {
    const rig = scene.rig();
    const path = await scene.makeSecret(rig, scene.fresh());
    const controller = new AbortController();
    await sandbox.fault({ system: 'akeyless', match: { path: '/dynamic-secret-get-value' }, fault: 'applied-then-timeout' });
    const running = failureOf(probe().run(rig.context({ signal: controller.signal }), probe().input.parse({ path })));
    while ((await scene.leasesOf(path)).length === 0) await new Promise((done) => setImmediate(done));
    controller.abort();
    expect((await running).classification).toBe('lost');
    expect(await scene.leasesOf(path)).toEqual([]);
  });

  it('says so where there is no such dynamic secret', async () => {
    const error = await failureOf(scene.rig().run(probe(), { path: '/slipway/nope' }));
    expect(error).toMatchObject({ classification: 'fatal', code: 'akeyless_not_found' });
  });
});
