import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StandIn } from '../stand-in.js';
import { Clock } from './clock.js';
import { Faults } from './faults.js';
import { RequestLog } from './request-log.js';
import { createServer } from './serve.js';
import { Store } from './store.js';

test('whoever has an answer can be sure that a killed sandbox still holds what led to it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sandbox-serve-'));
  const store = Store.open(join(folder, 'sandbox.db'));
  const afterKill = Store.open(join(folder, 'sandbox.db'));
  const clock = new Clock();
  const heldAtAnswer: string[][] = [];
  const standIn: StandIn = {
    system: 'github',
    routes: (app) => {
      app.addHook('onSend', (_request, _reply, payload, done) => {
        heldAtAnswer.push(afterKill.collection('things').keys());
        done(null, payload);
      });
      app.post('/', () => {
        store.collection<string>('things').set('a', 'made');
        return { made: true };
      });
    },
    state: () => undefined,
    reset: async () => undefined,
    close: async () => undefined,
  };
  const server = await createServer(standIn, { store, clock, faults: new Faults(), log: new RequestLog(clock, () => []), latency: new Map() });
  expect((await server.inject({ method: 'POST', url: '/' })).json()).toEqual({ made: true });
  expect(heldAtAnswer).toEqual([['a']]);
  await server.close();
  for (const open of [store, afterKill]) open.close();
  rmSync(folder, { recursive: true });
});
