import {
  createStepRig,
  exerciseStep,
  failureOf,
  type StepScene,
} from '@slipway/engine/testing';
import { akeylessState, callAkeyless } from './testing/call-akeyless.js';
import { scaleDatabase, startDatabase } from './testing/database-server.js';
import { PASSWORD, Scene } from './testing/scene.js';

const scene = new Scene();
const { sandbox } = scene;
const step = (id: string) => scene.step(id);

exerciseStep('akeyless:target:create', async (): Promise<StepScene> => {
  const name = scene.fresh();
  const path = `/slipway/${name}`;
  return {
    step: step('akeyless:target:create'),
    kinds: scene.provider.kinds,
    input: scene.targetInput(name),
    secrets: { [PASSWORD]: scene.server.password },
    makes: ['akeyless:target'],
    count: async () => (await akeylessState(sandbox)).targets.filter((target) => target.name === path).length,
    foreign: {
      async make() {
        await callAkeyless(sandbox, '/target-create-db', {
          name: path,
          'db-type': 'mysql',
          'connection-type': 'credentials',
          host: 'theirs',
        });
      },
      look: () => callAkeyless(sandbox, '/target-get-details', { name: path }),
      code: 'akeyless_name_taken',
    },
  };
});

exerciseStep('akeyless:dynamic-secret:create', async (): Promise<StepScene> => {
  const name = scene.fresh();
  const path = `/slipway/${name}`;
  await scene.rig().run(step('akeyless:target:create'), scene.targetInput(name));
  return {
    step: step('akeyless:dynamic-secret:create'),
    kinds: scene.provider.kinds,
    input: scene.secretInput(name),
    makes: ['akeyless:dynamic-secret'],
    count: async () => (await akeylessState(sandbox)).dynamicSecrets.filter((secret) => secret.name === path).length,
    foreign: {
      async make() {
        const description = 'slipway.dev/owner=r_somebody_else';
        await callAkeyless(sandbox, '/dynamic-secret-create-mysql', { name: path, 'target-name': path, description });
      },
      look: () => callAkeyless(sandbox, '/dynamic-secret-get', { name: path }),
      code: 'akeyless_name_taken',
    },
  };
});

describe('akeyless:target:create', () => {
  it('gives Akeyless the password, and nobody else', async () => {
    const name = scene.fresh();
    const one = scene.rig();
    expect(await one.run(step('akeyless:target:create'), scene.targetInput(name))).toEqual({ path: `/slipway/${name}` });
    const details = await callAkeyless(sandbox, '/target-get-details', { name: `/slipway/${name}` });
    expect(details).toMatchObject({
      value: { db_target_details: { db_pwd: scene.server.password, db_host_name: scene.server.host, db_port: '3306' } },
    });
    expect(JSON.stringify([one.lines, one.ledger.rows])).not.toContain(scene.server.password);
    expect(one.ledger.rows).toMatchObject([{ externalId: `/slipway/${name}`, properties: { path: `/slipway/${name}` } }]);
  });

  it('takes a lost answer for what it is, and finds its target again', async () => {
    const name = scene.fresh();
    const one = scene.rig();
    await sandbox.fault({
      system: 'akeyless',
      match: { path: '/target-create-db' },
      fault: 'applied-then-timeout',
      delayMs: 100,
      times: 1,
    });
    expect(await failureOf(step('akeyless:target:create').run(one.context(), scene.targetInput(name)))).toMatchObject({
      classification: 'lost',
    });
    await one.run(step('akeyless:target:create'), scene.targetInput(name));
    expect((await one.undo()).map((removal) => removal.outcome)).toEqual(['removed']);
  });

  it.each([
    [{ name: '../x' }, 'path of letters'],
    [{ host: 'a b' }, 'host name'],
    [{ port: 0 }, '>=1'],
    [{ database: 'a-b' }, 'no DNS label'],
    [{ username: "x'" }, 'letters'],
    [{ password: 'not a reference' }, 'secret reference'],
  ])('refuses %j', (rest, message) => {
    const parsed = step('akeyless:target:create').input.safeParse({ ...scene.targetInput('shop'), ...rest });
    expect(JSON.stringify(parsed.error?.issues)).toContain(message);
  });
});

describe('akeyless:dynamic-secret:create', () => {
  it.each(['mariadb', 'mysql'] as const)('%s: issues users that hold just the rights on their own schema, and go when they are revoked', async (profile) => {
    const one = scene.rig();
    const name = scene.fresh();
    const path = `/slipway/${name}`;
    await one.run(step('akeyless:target:create'), scene.targetInput(name));
    await one.run(step('akeyless:dynamic-secret:create'), { ...scene.secretInput(name), profile });
    const issued = await scene.issue(path);
    const connection = await scene.connect(issued, scene.server.database);
    await connection.query('CREATE TABLE t (id INT PRIMARY KEY)');
    await connection.query('INSERT INTO t VALUES (1)');
    await connection.query('DROP TABLE t');
    await expect(connection.query('CREATE DATABASE other')).rejects.toMatchObject({ code: 'ER_DBACCESS_DENIED_ERROR' });
    await expect(connection.query('SELECT * FROM mysql.user')).rejects.toMatchObject({ code: 'ER_TABLEACCESS_DENIED_ERROR' });

    const pool = [connection, ...(await Promise.all(Array.from({ length: 7 }, () => scene.connect(issued))))];
    const ended = pool.map((session) => new Promise((done) => session.once('error', done)));
    await one.undo();
    await Promise.all(ended);
    await expect(scene.connect(issued)).rejects.toMatchObject({ code: 'ER_ACCESS_DENIED_ERROR' });
  });

  it('revokes every lease before the secret goes', async () => {
    const one = scene.rig();
    const path = await scene.makeSecret(one, scene.fresh());
    const issued = [await scene.issue(path), await scene.issue(path)];
    expect((await one.undo()).map((removal) => removal.outcome)).toEqual(['removed', 'removed']);
    for (const each of issued) await expect(scene.connect(each)).rejects.toMatchObject({ code: 'ER_ACCESS_DENIED_ERROR' });
  });

  it('does not delete a secret whose leases it cannot revoke', async () => {
    const one = scene.rig();
    const path = await scene.makeSecret(one, scene.fresh());
    const stuck = await scene.issue(path);
    await scene.issue(path);
    await sandbox.callControl('PUT', '/faults', [{ system: 'akeyless', fault: 'revocation-fails', match: { name: stuck.user } }]);
    const [row] = (await one.ledger.standing()).filter((resource) => resource.kind === 'akeyless:dynamic-secret');
    expect(await failureOf(one.ledger.remove(row!))).toMatchObject({ classification: 'retry', code: 'akeyless_revocation_failed' });
    expect(await scene.leasesOf(path)).toEqual([stuck.user]);
    await sandbox.fault();
    await one.undo();
    await expect(scene.connect(stuck)).rejects.toMatchObject({ code: 'ER_ACCESS_DENIED_ERROR' });
  });

  it('says why one is inactive, and makes it anew once the database can be reached', async () => {
    const own = await startDatabase(sandbox, 'late');
    const name = scene.fresh();
    const one = createStepRig({ kinds: scene.provider.kinds, secrets: { [PASSWORD]: own.password }, deadlineMs: 60_000 });
    await one.run(step('akeyless:target:create'), scene.targetInput(name, own));
    await scaleDatabase(sandbox, 'late', 0);
    const input = step('akeyless:dynamic-secret:create').input.parse({ ...scene.secretInput(name), database: own.database });
    const error = await failureOf(step('akeyless:dynamic-secret:create').run(one.context(), input));
    expect(error).toMatchObject({ classification: 'retry', code: 'akeyless_dynamic_secret_inactive' });
    expect(error.message).toMatch(/failed to connect/);
    await scaleDatabase(sandbox, 'late', 1);
    const output = await one.run(step('akeyless:dynamic-secret:create'), input);
    expect(output).toEqual({ path: `/slipway/${name}` });
    await scene.issue(`/slipway/${name}`);
    await one.undo();
  }, 90_000);
});

describe('references', () => {
  it('resolve to a static secret, or to one field of it', async () => {
    await callAkeyless(sandbox, '/create-secret', { name: '/platform/github', value: 'plain-token' });
    await callAkeyless(sandbox, '/create-secret', { name: '/platform/argocd', value: '{"token":"field-token"}' });
    expect(await scene.provider.secrets?.resolve('/platform/github', undefined)).toBe('plain-token');
    expect(await scene.provider.secrets?.resolve('platform/argocd', 'token')).toBe('field-token');
    const wrong = [
      ['/platform/nope', undefined],
      ['/platform/github', 'token'],
      ['/platform/argocd', 'nope'],
    ] as const;
    for (const [path, key] of wrong) {
      const error = await failureOf(scene.provider.secrets!.resolve(path, key));
      expect(error).toMatchObject({ classification: 'fatal', code: 'secret_not_found' });
      expect(error.message).not.toContain('plain-token');
    }
  });

  it('resolve to what a rotated secret holds', async () => {
    const target = scene.fresh();
    await scene.rig().run(step('akeyless:target:create'), scene.targetInput(target));
    await callAkeyless(sandbox, '/rotated-secret-create-mysql', { name: '/platform/db', 'target-name': `/slipway/${target}`, 'rotator-type': 'target' });
    expect(await scene.provider.secrets?.resolve('/platform/db', 'password')).toBe(scene.server.password);
  });

  it('hold what changed from the next time on, and are one call for many who ask at once', async () => {
    await callAkeyless(sandbox, '/create-secret', { name: '/platform/changing', value: 'before' });
    expect(await scene.provider.secrets?.resolve('/platform/changing', undefined)).toBe('before');
    await callAkeyless(sandbox, '/update-secret-val', { name: '/platform/changing', value: 'after' });
    const asked = async (): Promise<number> => {
      const requests = (await sandbox.callControl('GET', '/requests?system=akeyless')) as { path: string }[];
      return requests.filter(({ path }) => path === '/get-secret-value').length;
    };
    const before = await asked();
    const many = Array.from({ length: 20 }, () => scene.provider.secrets!.resolve('/platform/changing', undefined));
    expect(new Set(await Promise.all(many))).toEqual(new Set(['after']));
    expect((await asked()) - before).toBe(1);
  });

  it('say what became of a customer fragment that protects them', async () => {
    await callAkeyless(sandbox, '/create-dfc-key', { name: '/platform/key', alg: 'AES256GCM', 'customer-frg-id': 'cf-1' });
    await callAkeyless(sandbox, '/create-secret', { name: '/platform/sealed', value: 'x', protection_key: '/platform/key' });
    await sandbox.fault({ system: 'akeyless', match: { path: '/api/derived-key' }, fault: 'status', status: 404 });
    const error = await failureOf(scene.provider.secrets!.resolve('/platform/sealed', undefined));
    expect(error).toMatchObject({ classification: 'fatal', code: 'secret_unavailable', remedy: expect.stringContaining('backup') });
  });

  it('are unavailable while Akeyless is', async () => {
    await sandbox.fault({ system: 'akeyless', match: { path: '/get-secret-value' }, fault: 'status', status: 503 });
    expect(await failureOf(scene.provider.secrets!.resolve('/platform/github', undefined))).toMatchObject({
      classification: 'retry',
      code: 'secret_unavailable',
    });
  });
});

describe('the provider', () => {
  it('logs in again once its token has expired', async () => {
    await scene.makeSecret(scene.rig(), scene.fresh());
    await sandbox.callControl('PUT', '/clock', { advance: 'PT2H' });
    await scene.makeSecret(scene.rig(), scene.fresh());
  });

  it('is healthy, and says what to do where it is not', async () => {
    expect(await scene.provider.health?.(AbortSignal.timeout(5_000))).toMatchObject({ ok: true });
    const health = await scene.providerWith({}, 'wrong-key').health?.(AbortSignal.timeout(5_000));
    expect(health).toMatchObject({ ok: false, detail: expect.stringContaining('akeyless.accessKey') });
    expect(health?.detail).not.toContain('wrong-key');
    const nowhere = scene.providerWith({ url: 'http://127.0.0.1:9' });
    expect(await nowhere.health?.(AbortSignal.timeout(5_000))).toMatchObject({ ok: false, detail: expect.stringContaining('ECONNREFUSED') });
  });

  it.each([
    ['status', 404, 'backup'],
    ['status', 500, 'Restart the service'],
    ['reset', undefined, 'machine it runs on'],
  ] as const)('says what became of the customer fragment: %s %s', async (fault, status, remedy) => {
    const provider = scene.providerWith({ customerFragment: { url: sandbox.akeyless.url } });
    expect(await provider.health?.(AbortSignal.timeout(5_000))).toMatchObject({ ok: true });
    await sandbox.fault({ system: 'akeyless', match: { path: '/api/derived-key' }, fault, ...(status !== undefined && { status }) });
    expect(await provider.health?.(AbortSignal.timeout(5_000))).toMatchObject({ ok: false, detail: expect.stringContaining(remedy) });
  });
});
