import fastify, { type FastifyInstance } from 'fastify';
import type { StandIn, System } from '../stand-in.js';
import type { Clock } from './clock.js';
import type { Faults } from './faults.js';
import { playFaults } from './play-faults.js';
import type { RequestLog } from './request-log.js';
import type { Store } from './store.js';

/** What stands between the wire and every stand-in. */
export interface Traffic {
  /** What led to an answer is committed before it. */
  store: Store;
  clock: Clock;
  log: RequestLog;
  faults: Faults;
  /** Milliseconds added before each answer. */
  latency: Map<System, number>;
}

const LARGEST_BODY = 32 * 1024 * 1024;
/** Repository URLs and file paths travel as one escaped segment. */
const LONGEST_SEGMENT = 4_096;

/** The stand-in's server, ready to listen. */
export async function createServer(standIn: StandIn, traffic: Traffic): Promise<FastifyInstance> {
  const app = newFastify(standIn.tls);
  readJson(app);
  traffic.log.record(app, standIn.system);
  app.addHook('onSend', (_request, _reply, payload, done) => {
    traffic.store.commit();
    done(null, payload);
  });
  delay(app, standIn.system, traffic);
  playFaults(app, standIn.system, traffic);
  await standIn.routes(app);
  await app.ready();
  return app;
}

export function newFastify(tls?: { key: string; cert: string }): FastifyInstance {
  const options = {
    forceCloseConnections: true,
    bodyLimit: LARGEST_BODY,
    routerOptions: { maxParamLength: LONGEST_SEGMENT, ignoreTrailingSlash: true },
  };
  if (!tls) return fastify(options);
  return fastify({ ...options, https: { key: tls.key, cert: tls.cert } });
}

/** As Fastify's own parser, but an empty body is no error: clients send the header on DELETE too. */
export function readJson(app: FastifyInstance, types = ['application/json']): void {
  app.removeContentTypeParser(types);
  app.addContentTypeParser(types, { parseAs: 'string' }, (_request, body, done) => {
    if (body.length === 0) return done(null, undefined);
    try {
      done(null, JSON.parse(String(body)));
    } catch (error) {
      done(Object.assign(error as SyntaxError, { statusCode: 400, code: 'INVALID_JSON' }), undefined);
    }
  });
}

function delay(app: FastifyInstance, system: System, traffic: Traffic): void {
  app.addHook('onRequest', async () => {
    const ms = traffic.latency.get(system);
    if (ms) await traffic.clock.wait(ms);
  });
}
