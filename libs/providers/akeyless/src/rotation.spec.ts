import { exerciseStep, failureOf, type StepScene } from '@slipway/engine/testing';
import { z } from 'zod';
import { akeylessState, callAkeyless } from './testing/call-akeyless.js';
import { scaleDatabase, startDatabase } from './testing/database-server.js';
import { Scene } from './testing/scene.js';

const scene = new Scene();
const { sandbox } = scene;
const create = () => scene.step('akeyless:rotated-secret:create');
const rotate = () => scene.step('akeyless:rotated-secret:rotate');
const revoke = () => scene.step('akeyless:leases:revoke');

/** The password that the Gateway keeps for the user of this target. */
async function passwordOf(target: string): Promise<string> {
  const answer = await callAkeyless(sandbox, '/target-get-details', { name: target });
  const details = z.object({ value: z.object({ db_target_details: z.object({ db_pwd: z.string() }) }) });
  return details.parse(answer).value.db_target_details.db_pwd;
}

exerciseStep('akeyless:rotated-secret:create', async (): Promise<StepScene> => {
  const name = scene.fresh();
  const path = `/slipway/${name}/admin`;
  await scene.rig().run(scene.step('akeyless:target:create'), scene.targetInput(name));
  return {
    step: create(),
    kinds: scene.provider.kinds,
    input: { name: `${name}/admin`, target: name },
    makes: ['akeyless:rotated-secret'],
    count: async () => (await akeylessState(sandbox)).rotatedSecrets.filter((secret) => secret.name === path).length,
    foreign: {
      async make() {
        const input = { name: path, 'target-name': `/slipway/${name}`, 'rotator-type': 'target', description: 'of the data team' };
        await callAkeyless(sandbox, '/rotated-secret-create-mysql', input);
      },
      look: () => callAkeyless(sandbox, '/describe-item', { name: path }),
      code: 'akeyless_name_taken',
    },
  };
});

describe('akeyless:rotated-secret:create', () => {
  it('replaces the password that the target was made with, once, and what the target serves goes on', async () => {
    const own = await startDatabase(sandbox, 'rotating');
    const [name, late] = [scene.fresh(), scene.fresh()];
    const rig = scene.rig(own);
    const secret = await scene.makeSecret(rig, name, own);
    const input = { name: `${name}/admin`, target: name, rotateNow: true };
    expect(await rig.run(create(), input)).toEqual({ path: `/slipway/${name}/admin` });
    const password = await passwordOf(`/slipway/${name}`);
    expect(password).not.toBe(own.password);
    await rig.run(create(), input);
    expect(await passwordOf(`/slipway/${name}`)).toBe(password);
    expect(JSON.stringify([rig.lines, rig.ledger.rows])).not.toContain(password);

    await scene.connect(await scene.issue(secret)).then((connection) => connection.end());
    await rig.run(scene.step('akeyless:target:create'), scene.targetInput(late, own));
    const refused = await failureOf(scene.step('akeyless:dynamic-secret:create').run(rig.context(), { ...scene.secretInput(late, own), ttl: '60m' }));
    expect(refused.message).toContain('Access denied');
    expect((await rig.undo()).map(({ outcome }) => outcome)).not.toContain('foreign');
  }, 90_000);

  it('rotates by itself, on the day and at the hour that were asked for', async () => {
    const name = scene.fresh();
    const rig = scene.rig();
    await rig.run(scene.step('akeyless:target:create'), scene.targetInput(name));
    await rig.run(create(), { name: `${name}/admin`, target: `/slipway/${name}`, interval: 7, hour: 5 });
    const item = await callAkeyless(sandbox, '/describe-item', { name: `/slipway/${name}/admin` });
    expect(item).toMatchObject({ auto_rotate: true, rotation_interval: 7, last_version: 1, next_rotation_date: expect.stringContaining('T05:00') });
    expect(await passwordOf(`/slipway/${name}`)).toBe(scene.server.password);
    await rig.undo();
  });

  it('leaves the password as it was where the database cannot be reached, and is made whole by the next attempt', async () => {
    const own = await startDatabase(sandbox, 'sleeping');
    const name = scene.fresh();
    const rig = scene.rig(own);
    await rig.run(scene.step('akeyless:target:create'), scene.targetInput(name, own));
    await scaleDatabase(sandbox, 'sleeping', 0);
    const input = create().input.parse({ name: `${name}/admin`, target: name, rotateNow: true });
    const error = await failureOf(create().run(rig.context(), input));
    expect(error).toMatchObject({ classification: 'retry', code: 'akeyless_database_unreachable' });
    const [, row] = await rig.ledger.standing();
    const seen = await rig.ledger.kindOf(row!).observe(rig.ledger.context(), row!);
    expect(seen).toMatchObject({ exists: true, owned: true, detail: expect.stringContaining('connection refused') });
    await scaleDatabase(sandbox, 'sleeping', 1);
    await rig.run(create(), input);
    expect(await passwordOf(`/slipway/${name}`)).not.toBe(own.password);
    await rig.undo();
  }, 90_000);
});

exerciseStep(
  'akeyless:rotated-secret:rotate',
  async (): Promise<StepScene> => {
    const own = await startDatabase(sandbox, 'rotatingtwice');
    const name = scene.fresh();
    const rig = scene.rig(own);
    await rig.run(scene.step('akeyless:target:create'), scene.targetInput(name, own));
    await rig.run(create(), { name: `${name}/admin`, target: name });
    return { step: rotate(), kinds: scene.provider.kinds, mark: rig.mark, input: { path: `/slipway/${name}/admin` }, count: () => Promise.resolve(0) };
  },
  { makesNothing: 'it changes what another step made' },
);

describe('akeyless:rotated-secret:rotate', () => {
  it('changes the password of ours, and of nobody else', async () => {
    const own = await startDatabase(sandbox, 'changing');
    const name = scene.fresh();
    const path = `/slipway/${name}/admin`;
    const rig = scene.rig(own);
    await rig.run(scene.step('akeyless:target:create'), scene.targetInput(name, own));
    await rig.run(create(), { name: `${name}/admin`, target: name });
    expect(await failureOf(scene.rig().run(rotate(), { path }))).toMatchObject({ classification: 'fatal', code: 'akeyless_not_ours' });
    expect(await passwordOf(`/slipway/${name}`)).toBe(own.password);
    await rig.run(rotate(), { path });
    expect(await passwordOf(`/slipway/${name}`)).not.toBe(own.password);
    expect(await failureOf(rig.run(rotate(), { path: '/slipway/nope' }))).toMatchObject({ classification: 'fatal', code: 'akeyless_not_found' });
    await rig.undo();
  }, 60_000);
});

exerciseStep(
  'akeyless:leases:revoke',
  async (): Promise<StepScene> => {
    const rig = scene.rig();
    const path = await scene.makeSecret(rig, scene.fresh());
    return { step: revoke(), kinds: scene.provider.kinds, mark: rig.mark, input: { path }, count: () => Promise.resolve(0) };
  },
  { makesNothing: 'it ends what others were given' },
);

describe('akeyless:leases:revoke', () => {
  it('ends what was issued before the run began, and its sessions, and nothing since', async () => {
    const rig = scene.rig();
    const path = await scene.makeSecret(rig, scene.fresh());
    const old = await scene.issue(path);
    const session = await scene.connect(old);
    const ended = new Promise((done) => session.once('error', done));
    const runStartedAt = new Date();
    const young = await scene.issue(path);
    const result = await revoke().run(rig.context({ runStartedAt, startedAt: new Date() }), { path });
    expect(result).toEqual({ output: { revoked: 1, left: 1 } });
    await ended;
    expect(await scene.leasesOf(path)).toEqual([young.user]);
    await expect(scene.connect(old)).rejects.toMatchObject({ code: 'ER_ACCESS_DENIED_ERROR' });
    await scene.connect(young).then((connection) => connection.end());
    expect(await rig.run(revoke(), { path, issuedBefore: '2099-01-01T00:00:00Z' })).toEqual({ revoked: 1, left: 0 });
    await rig.undo();
  });

  it('goes on past one that cannot be revoked, and tries it again', async () => {
    const rig = scene.rig();
    const path = await scene.makeSecret(rig, scene.fresh());
    const [stuck, fine] = [await scene.issue(path), await scene.issue(path)];
    await sandbox.callControl('PUT', '/faults', [{ system: 'akeyless', fault: 'revocation-fails', match: { name: stuck.user } }]);
    const input = { path, issuedBefore: '2099-01-01T00:00:00Z' };
    const error = await failureOf(revoke().run(rig.context(), input));
    expect(error).toMatchObject({ classification: 'retry', code: 'akeyless_revocation_failed', remedy: expect.stringContaining('stays') });
    expect(error.message).toContain('1 of 2');
    expect(error.message).not.toContain(stuck.user);
    expect(await scene.leasesOf(path)).toEqual([stuck.user]);
    await expect(scene.connect(fine)).rejects.toMatchObject({ code: 'ER_ACCESS_DENIED_ERROR' });
    await sandbox.fault();
    expect(await rig.run(revoke(), input)).toEqual({ revoked: 1, left: 0 });
    await rig.undo();
  });

  it("leaves another's alone", async () => {
    const path = await scene.makeSecret(scene.rig(), scene.fresh());
    await scene.issue(path);
    const input = { path, issuedBefore: '2099-01-01T00:00:00Z' };
    expect(await failureOf(scene.rig().run(revoke(), input))).toMatchObject({ classification: 'fatal', code: 'akeyless_not_ours' });
    expect(await scene.leasesOf(path)).toHaveLength(1);
    expect(await failureOf(scene.rig().run(revoke(), { path: '/slipway/nope' }))).toMatchObject({ code: 'akeyless_not_found' });
  });
});
