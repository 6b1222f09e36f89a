import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { withConnection } from '../../migrations/connection.mjs';
import { temporaryHome, until } from '../fixtures/temporary-home.mjs';
import { Instance } from '../instance.mjs';
import { identify, isAlive } from '../process-identity.mjs';
import { serviceAccount } from '../service-account.mjs';
import { serviceFolder } from '../service-folder.mjs';
import { preparePostgres } from './postgres.mjs';

import.meta.jest.setTimeout(60_000);

describe('PostgreSQL in a data folder', () => {
  const account = serviceAccount();
  let place;
  let instance;
  afterEach(async () => {
    await instance?.close();
    instance = undefined;
    place.remove();
  });

  async function start() {
    instance = await Instance.open(place.home);
    const postgres = await preparePostgres({ home: place.home, account });
    await instance.start(postgres.service);
    return postgres;
  }

  function query(url, sql) {
    return withConnection(url, async (client) => (await client.query(sql)).rows);
  }

  it('keeps its data and its address over a stop and a kill', async () => {
    place = temporaryHome();
    const { url } = await start();
    await query(url, 'CREATE TABLE kept (id integer); INSERT INTO kept VALUES (1)');
    await instance.close();
    expect((await start()).url).toBe(url);
    const killed = instance.pids('postgres')[0];
    process.kill(killed, 'SIGKILL');
    await until(() => instance.pids('postgres').find((pid) => pid !== killed));
    await until(() => query(url, 'SELECT id FROM kept').catch(() => undefined));
    expect(await query(url, 'SELECT id FROM kept')).toEqual([{ id: 1 }]);
  });

  it('works in a folder that only we may enter', async () => {
    place = temporaryHome(0o700);
    const { url } = await start();
    expect(await query(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    const elsewhere = serviceFolder(place.home, account) !== place.home;
    expect(elsewhere).toBe(account !== undefined);
  });

  it('begins an interrupted initialisation anew', async () => {
    place = temporaryHome(0o755);
    const aside = path.join(place.home, 'postgres/data.new');
    mkdirSync(aside, { recursive: true });
    writeFileSync(path.join(aside, 'PG_VERSION'), '18');
    const { url } = await start();
    expect(await query(url, 'SHOW server_encoding')).toEqual([{ server_encoding: 'UTF8' }]);
    expect(existsSync(aside)).toBe(false);
  });

  it('takes the place of one whose owner was killed', async () => {
    place = temporaryHome();
    const owner = fork(path.join(import.meta.dirname, '../fixtures/own-postgres.mjs'), [place.home]);
    const [{ pid }] = await once(owner, 'message');
    const left = identify(pid);
    owner.kill('SIGKILL');
    await once(owner, 'exit');
    expect(isAlive(left)).toBe(true);
    const { url } = await start();
    expect(isAlive(left)).toBe(false);
    expect(await query(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it('sets a new password where the file of the old one was deleted', async () => {
    place = temporaryHome();
    const { url } = await start();
    await instance.close();
    rmSync(path.join(place.home, 'secrets/postgres-password'));
    const renewed = await start();
    expect(renewed.url).not.toBe(url);
    expect(await query(renewed.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });
});
