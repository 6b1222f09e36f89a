import { once } from 'node:events';
import { createServer } from 'node:net';
import { temporaryHome } from './fixtures/temporary-home.mjs';
import { freePort, keepPort } from './ports.mjs';

describe('the ports of a data folder', () => {
  let place;
  let server;
  beforeEach(() => { place = temporaryHome(); });
  afterEach(async () => {
    if (server) await new Promise((resolve) => server.close(resolve));
    server = undefined;
    place.remove();
  });

  async function listenOn(port) {
    server = createServer().listen(port, '127.0.0.1');
    await once(server, 'listening');
    return server.address().port;
  }

  it('are chosen once', async () => {
    const port = await keepPort(place.home, 'api');
    expect(await keepPort(place.home, 'api')).toBe(port);
    expect(await keepPort(place.home, 'redis')).not.toBe(port);
  });

  it('are the preferred ones where these are free', async () => {
    const preferred = await freePort(0);
    expect(await keepPort(place.home, 'api', { preferred })).toBe(preferred);
  });

  it('step around what is taken', async () => {
    const taken = await listenOn(0);
    const port = await keepPort(place.home, 'api', { preferred: taken });
    expect(port).not.toBe(taken);
    expect(await keepPort(place.home, 'api', { preferred: taken })).toBe(port);
  });

  it('step around what was taken since', async () => {
    const port = await keepPort(place.home, 'api');
    await listenOn(port);
    expect(await keepPort(place.home, 'api')).not.toBe(port);
  });
});
