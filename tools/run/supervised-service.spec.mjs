import path from 'node:path';
import { temporaryHome, until } from './fixtures/temporary-home.mjs';
import { nodeService } from './node-service.mjs';
import { isAlive, identify } from './process-identity.mjs';
import { SupervisedService } from './supervised-service.mjs';

const script = path.join(import.meta.dirname, 'fixtures/stand-in.mjs');

describe('a supervised service', () => {
  let place;
  let service;
  let events;
  beforeEach(() => {
    place = temporaryHome();
    events = [];
  });
  afterEach(async () => {
    await service.stop({ atOnce: true });
    place.remove();
  });

  function supervise(behaviour, graceMs) {
    const standIn = nodeService({ name: 'stand-in', script, home: place.home, env: { STAND_IN: behaviour } });
    service = new SupervisedService(standIn, { home: place.home, observe: (event) => events.push(event), graceMs });
    return service;
  }

  it('is started again after it was killed, as another process', async () => {
    await supervise('well').start();
    const first = service.pid;
    process.kill(first, 'SIGKILL');
    const lost = await until(() => events.find(({ type }) => type === 'lost'));
    expect(lost).toMatchObject({ name: 'stand-in', pid: first, reason: 'SIGKILL' });
    await until(() => events.filter(({ type }) => type === 'ready').length === 2);
    expect(service.pid).not.toBe(first);
  });

  it('fails to start with its own last words, a code and its log', async () => {
    await expect(supervise('broken').start()).rejects.toMatchObject({
      code: 'SERVICE_NOT_STARTED',
      message: expect.stringContaining('status 3'),
      tail: expect.stringContaining('the stand-in is broken'),
      logFile: expect.stringContaining('stand-in.log'),
    });
  });

  it('ends when asked, and is not started again', async () => {
    await supervise('well').start();
    const process = identify(service.pid);
    await service.stop();
    expect(isAlive(process)).toBe(false);
    expect(events.map(({ type }) => type)).toEqual(['spawned', 'ready']);
  });

  it('is ended by force when it does not go in time', async () => {
    await supervise('stubborn', 100).start();
    const process = identify(service.pid);
    await service.stop();
    expect(isAlive(process)).toBe(false);
  });
});
