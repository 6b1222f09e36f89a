import type { Provider, StepDefinition } from '@slipway/engine';
import {
  createStepRig,
  exerciseStep,
  failureOf,
  sandboxForSuite,
  stepOf,
  type StepRig,
  type StepScene,
} from '@slipway/engine/testing';
import { createConnection } from 'mysql2/promise';
import { z } from 'zod';
import { akeylessProvider } from './provider.js';
import { akeylessState, callAkeyless } from './testing/call-akeyless.js';
import { type DatabaseServer, scaleDatabase, startDatabase } from './testing/database-server.js';

const sandbox = sandboxForSuite();
let provider: Provider;
/** One server for all tests that do not take it down. */
let server: DatabaseServer;
let names = 0;

beforeAll(async () => {
  provider = providerWith(sandbox.akeyless.accessKey);
  server = await startDatabase(sandbox, 'shared');
}, 60_000);

function providerWith(accessKey: string): Provider {
  const secrets = { resolve: () => Promise.resolve(accessKey), protect: () => undefined };
  const { url, accessId } = sandbox.akeyless;
  return akeylessProvider({ url, accessId, accessKey: 'env:AKEYLESS_ACCESS_KEY' }, secrets);
}

const step = (id: string): StepDefinition => stepOf(provider, id);

const PASSWORD = 'kubernetes:shared/mysql#password';

function rig(): StepRig {
  return createStepRig({ kinds: provider.kinds, secrets: { [PASSWORD]: server.password, 'env:WRONG': 'wrong-Password' } });
}

/** A name nobody else uses. */
function fresh(): string {
  names += 1;
  return `shop-${names}`;
}

function targetInput(name: string, on: DatabaseServer = server) {
  const { host, port, username, database } = on;
  return { name, host, port, username, password: PASSWORD, database };
}

function secretInput(name: string) {
  return { name, target: name, database: server.database, profile: 'mariadb' };
}

/** A target and a dynamic secret on it. */
async function makeSecret(one: StepRig, name: string): Promise<string> {
  await one.run(step('akeyless:target:create'), targetInput(name));
  const { path } = z.object({ path: z.string() }).parse(await one.run(step('akeyless:dynamic-secret:create'), secretInput(name)));
  return path;
}

async function leasesOf(path: string): Promise<string[]> {
  return (await akeylessState(sandbox)).leases.filter((lease) => lease.dynamicSecret === path).map((lease) => lease.user);
}

const Issued = z.object({ id: z.string(), user: z.string(), password: z.string() });

async function issue(path: string): Promise<z.infer<typeof Issued>> {
  return Issued.parse(await callAkeyless(sandbox, '/dynamic-secret-get-value', { name: path }));
}

async function connect({ user, password }: { user: string; password: string }, database?: string) {
  return createConnection({ ...sandbox.mysql, user, password, ...(database !== undefined && { database }) });
}

exerciseStep('akeyless:target:create', async (): Promise<StepScene> => {
  const name = fresh();
  const path = `/slipway/${name}`;
  return {
    step: step('akeyless:target:create'),
    kinds: provider.kinds,
    input: targetInput(name),
    secrets: { [PASSWORD]: server.password },
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
  const name = fresh();
  const path = `/slipway/${name}`;
  await rig().run(step('akeyless:target:create'), targetInput(name));
  return {
    step: step('akeyless:dynamic-secret:create'),
    kinds: provider.kinds,
    input: secretInput(name),
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
    const name = fresh();
    const one = rig();
    expect(await one.run(step('akeyless:target:create'), targetInput(name))).toEqual({ path: `/slipway/${name}` });
    const details = await callAkeyless(sandbox, '/target-get-details', { name: `/slipway/${name}` });
    expect(details).toMatchObject({
      value: { db_target_details: { db_pwd: server.password, db_host_name: server.host, db_port: '3306' } },
    });
    expect(JSON.stringify([one.lines, one.ledger.rows])).not.toContain(server.password);
    expect(one.ledger.rows).toMatchObject([{ externalId: `/slipway/${name}`, properties: { path: `/slipway/${name}` } }]);
  });

  it('takes a lost answer for what it is, and finds its target again', async () => {
    const name = fresh();
    const one = rig();
    await sandbox.fault({
      system: 'akeyless',
      match: { path: '/target-create-db' },
      fault: 'applied-then-timeout',
      delayMs: 100,
      times: 1,
    });
    expect(await failureOf(step('akeyless:target:create').run(one.context(), targetInput(name)))).toMatchObject({
      classification: 'lost',
    });
    await one.run(step('akeyless:target:create'), targetInput(name));
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
    const parsed = step('akeyless:target:create').input.safeParse({ ...targetInput('shop'), ...rest });
    expect(JSON.stringify(parsed.error?.issues)).toContain(message);
  });
});

describe('akeyless:dynamic-secret:create', () => {
  it('issues users that hold just the rights on their own schema, and go when they are revoked', async () => {
    const one = rig();
    const path = await makeSecret(one, fresh());
    const issued = await issue(path);
    const connection = await connect(issued, server.database);
    await connection.query('CREATE TABLE t (id INT PRIMARY KEY)');
    await connection.query('INSERT INTO t VALUES (1)');
    await connection.query('DROP TABLE t');
    await expect(connection.query('CREATE DATABASE other')).rejects.toMatchObject({ code: 'ER_DBACCESS_DENIED_ERROR' });
    await expect(connection.query('SELECT * FROM mysql.user')).rejects.toMatchObject({ code: 'ER_TABLEACCESS_DENIED_ERROR' });

    const ended = new Promise((done) => connection.once('error', done));
    await one.undo();
    await ended;
    await expect(connect(issued)).rejects.toMatchObject({ code: 'ER_ACCESS_DENIED_ERROR' });
  });

  it('revokes every lease before the secret goes', async () => {
    const one = rig();
    const path = await makeSecret(one, fresh());
    const issued = [await issue(path), await issue(path)];
    expect((await one.undo()).map((removal) => removal.outcome)).toEqual(['removed', 'removed']);
    for (const each of issued) await expect(connect(each)).rejects.toMatchObject({ code: 'ER_ACCESS_DENIED_ERROR' });
  });

  it('does not delete a secret whose leases it cannot revoke', async () => {
    const one = rig();
    const path = await makeSecret(one, fresh());
    await issue(path);
    await sandbox.fault(
      { system: 'akeyless', match: { path: '/dynamic-secret-tmp-creds-delete' }, fault: 'status', status: 500 },
    );
    const [row] = (await one.ledger.standing()).filter((resource) => resource.kind === 'akeyless:dynamic-secret');
    expect(await failureOf(one.ledger.remove(row!))).toMatchObject({ classification: 'retry' });
    expect(await leasesOf(path)).toHaveLength(1);
    await sandbox.fault();
    await one.undo();
  });

  it('says why one is inactive, and makes it anew once the database can be reached', async () => {
    const own = await startDatabase(sandbox, 'late');
    const name = fresh();
    const one = createStepRig({ kinds: provider.kinds, secrets: { [PASSWORD]: own.password }, deadlineMs: 60_000 });
    await one.run(step('akeyless:target:create'), targetInput(name, own));
    await scaleDatabase(sandbox, 'late', 0);
    const input = step('akeyless:dynamic-secret:create').input.parse({ ...secretInput(name), database: own.database });
    const error = await failureOf(step('akeyless:dynamic-secret:create').run(one.context(), input));
    expect(error).toMatchObject({ classification: 'retry', code: 'akeyless_dynamic_secret_inactive' });
    expect(error.message).toMatch(/failed to connect/);
    await scaleDatabase(sandbox, 'late', 1);
    const output = await one.run(step('akeyless:dynamic-secret:create'), input);
    expect(output).toEqual({ path: `/slipway/${name}` });
    await issue(`/slipway/${name}`);
    await one.undo();
  }, 90_000);
});

describe('akeyless:credential:probe', () => {
  const probe = () => step('akeyless:credential:probe');

  it('issues one, logs in with it, and leaves none', async () => {
    const one = rig();
    const path = await makeSecret(one, fresh());
    expect(await one.run(probe(), { path, login: sandbox.mysql })).toEqual({ ttlMinutes: 60 });
    expect(await leasesOf(path)).toEqual([]);
    const issued = [...one.values].filter((value) => value.startsWith('tmp_'));
    expect(issued).toHaveLength(1);
    expect(JSON.stringify(one.lines)).not.toContain(issued[0]);
    expect(one.ledger.rows.map((row) => row.kind)).not.toContain('akeyless:lease');
  });

  it('revokes it where the login fails, too', async () => {
    const one = rig();
    const path = await makeSecret(one, fresh());
    const closed = { host: '127.0.0.1', port: 9 };
    const error = await failureOf(probe().run(one.context(), { path, login: closed }));
    expect(error).toMatchObject({ classification: 'retry', code: 'akeyless_login_failed' });
    expect(await leasesOf(path)).toEqual([]);
  });

  it('takes away what an attempt left whose answer got lost, and nothing older', async () => {
    const one = rig();
    const path = await makeSecret(one, fresh());
    const older = await issue(path);
    const startedAt = new Date();
    await sandbox.fault(
      { system: 'akeyless', match: { path: '/dynamic-secret-get-value' }, fault: 'applied-then-timeout', delayMs: 100, times: 1 },
      { system: 'akeyless', match: { path: '/dynamic-secret-tmp-creds-delete' }, fault: 'status', status: 503, times: 1 },
    );
    const error = await failureOf(probe().run(one.context({ startedAt }), { path }));
    expect(error.classification).not.toBe('fatal');
    expect(await leasesOf(path)).toHaveLength(2);
    expect(await probe().run(one.context({ startedAt, attempt: 2 }), { path })).toEqual({ output: { ttlMinutes: 60 } });
    expect(await leasesOf(path)).toEqual([older.user]);
    await one.undo();
  });

  it('revokes even where the run is cancelled meanwhile', async () => {
    const one = rig();
    const path = await makeSecret(one, fresh());
    const controller = new AbortController();
    await sandbox.fault({ system: 'akeyless', match: { path: '/dynamic-secret-get-value' }, fault: 'applied-then-timeout' });
    const running = failureOf(probe().run(one.context({ signal: controller.signal }), { path }));
    while ((await leasesOf(path)).length === 0) await new Promise((done) => setImmediate(done));
    controller.abort();
    expect((await running).classification).toBe('lost');
    expect(await leasesOf(path)).toEqual([]);
  });

  it('says so where there is no such dynamic secret', async () => {
    const error = await failureOf(rig().run(probe(), { path: '/slipway/nope' }));
    expect(error).toMatchObject({ classification: 'fatal', code: 'akeyless_not_found' });
  });
});

describe('references', () => {
  it('resolve to a static secret, or to one field of it', async () => {
    await callAkeyless(sandbox, '/create-secret', { name: '/platform/github', value: 'plain-token' });
    await callAkeyless(sandbox, '/create-secret', { name: '/platform/argocd', value: '{"token":"field-token"}' });
    expect(await provider.secrets?.resolve('/platform/github', undefined)).toBe('plain-token');
    expect(await provider.secrets?.resolve('platform/argocd', 'token')).toBe('field-token');
    const wrong = [
      ['/platform/nope', undefined],
      ['/platform/github', 'token'],
      ['/platform/argocd', 'nope'],
    ] as const;
    for (const [path, key] of wrong) {
      const error = await failureOf(provider.secrets!.resolve(path, key));
      expect(error).toMatchObject({ classification: 'fatal', code: 'secret_not_found' });
      expect(error.message).not.toContain('plain-token');
    }
  });

  it('are unavailable while Akeyless is', async () => {
    await sandbox.fault({ system: 'akeyless', match: { path: '/get-secret-value' }, fault: 'status', status: 503 });
    expect(await failureOf(provider.secrets!.resolve('/platform/github', undefined))).toMatchObject({
      classification: 'retry',
      code: 'secret_unavailable',
    });
  });
});

describe('the provider', () => {
  it('logs in again once its token has expired', async () => {
    await makeSecret(rig(), fresh());
    await sandbox.callControl('PUT', '/clock', { advance: 'PT2H' });
    await makeSecret(rig(), fresh());
  });

  it('is healthy, and says what to do where it is not', async () => {
    expect(await provider.health?.(AbortSignal.timeout(5_000))).toMatchObject({ ok: true });
    const health = await providerWith('wrong-key').health?.(AbortSignal.timeout(5_000));
    expect(health).toMatchObject({ ok: false, detail: expect.stringContaining('akeyless.accessKey') });
    expect(health?.detail).not.toContain('wrong-key');
  });
});
