import { Redis } from 'ioredis';
import { findProgram } from '../setup/find-program.mjs';
import { temporaryHome, until } from './fixtures/temporary-home.mjs';
import { Instance } from './instance.mjs';
import { prepareRedis } from './redis.mjs';

import.meta.jest.setTimeout(30_000);

describe('Redis in a data folder', () => {
  const program = findProgram('redis-server', 'valkey-server');
  let place;
  let instance;
  let client;
  beforeEach(async () => {
    place = temporaryHome();
    instance = await Instance.open(place.home);
    const { url, service } = await prepareRedis({ home: place.home, program });
    await instance.start(service);
    client = new Redis(url);
    client.on('error', () => {});
  });
  afterEach(async () => {
    client.disconnect();
    await instance.close();
    place.remove();
  });

  it('never drops what it was given, and writes it down', async () => {
    expect(await client.config('GET', 'maxmemory-policy')).toEqual(['maxmemory-policy', 'noeviction']);
    expect(await client.config('GET', 'appendonly')).toEqual(['appendonly', 'yes']);
    expect(await client.config('GET', 'bind')).toEqual(['bind', '127.0.0.1']);
  });

  it('keeps its data over a kill', async () => {
    await client.set('kept', 'yes');
    const killed = instance.pids('redis')[0];
    process.kill(killed, 'SIGKILL');
    await until(() => instance.pids('redis').find((pid) => pid !== killed));
    expect(await client.get('kept')).toBe('yes');
  });
});
