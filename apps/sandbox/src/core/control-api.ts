import type { FastifyError, FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import type { StandIn } from '../stand-in.js';
import { durationMs } from './clock.js';
import { Fault, SYSTEMS } from './fault.js';
import { newFastify, readJson, type Traffic } from './serve.js';

const Latency = z.partialRecord(z.enum(SYSTEMS), z.number().min(0).max(60_000));
const RequestQuery = z.strictObject({ system: z.enum(SYSTEMS).optional() });
const TimeShift = z.strictObject({ advance: z.string() });

const ROUTES =
  'GET /state, GET|PUT|DELETE /faults, GET|PUT /clock, GET|PUT /latency, GET /requests?system= and POST /reset';

/** What belongs to the sandbox and is no stand-in with a door of its own. */
export interface Background {
  state(): Promise<object>;
  /** After all stand-ins were reset. */
  reset(): Promise<void>;
}

/** The door for tests and demonstrations: what the stand-ins hold, what they were asked, and what should go wrong. */
export function createControlApi(
  standIns: readonly StandIn[],
  traffic: Traffic,
  background: Background,
): FastifyInstance {
  const app = newFastify();
  readJson(app);
  app.setErrorHandler((error: FastifyError, _request, reply) => {
    const status = error.statusCode ?? 500;
    const code = status < 500 ? 'invalid_control_request' : 'sandbox_failed';
    return reply.code(status).send({ ok: false, error: code, message: error.message });
  });
  app.setNotFoundHandler((request, reply) => {
    const message = `There is no ${request.method} ${request.url} here. There are ${ROUTES}.`;
    return reply.code(404).send({ ok: false, error: 'no_such_route', message });
  });

  app.get('/state', async () => {
    const states = await Promise.all(standIns.map(async (standIn) => [standIn.system, await standIn.state()] as const));
    return { ...Object.fromEntries(states), ...(await background.state()) };
  });

  app.get('/faults', () => traffic.faults.list());
  app.put('/faults', (request, reply) => {
    const faults = parse(z.array(Fault), request.body, reply);
    if (!faults) return reply;
    traffic.faults.set(faults);
    return traffic.faults.list();
  });
  app.delete('/faults', (_request, reply) => {
    traffic.faults.set([]);
    return reply.code(204).send();
  });

  app.get('/clock', () => ({ now: new Date(traffic.clock.now()).toISOString() }));
  app.put('/clock', (request, reply) => {
    const shift = parse(TimeShift, request.body, reply);
    if (!shift) return reply;
    try {
      durationMs(shift.advance);
    } catch (error) {
      return refuse(reply, [{ path: 'advance', code: 'custom', message: (error as RangeError).message }]);
    }
    traffic.clock.advance(shift.advance);
    return { now: new Date(traffic.clock.now()).toISOString() };
  });

  app.get('/latency', () => Object.fromEntries(traffic.latency));
  app.put('/latency', (request, reply) => {
    const latency = parse(Latency, request.body, reply);
    if (!latency) return reply;
    for (const system of SYSTEMS) {
      const ms = latency[system];
      if (ms !== undefined) traffic.latency.set(system, ms);
    }
    return Object.fromEntries(traffic.latency);
  });

  app.get('/requests', (request, reply) => {
    const query = parse(RequestQuery, request.query, reply);
    return query ? traffic.log.list(query.system) : reply;
  });

  app.post('/reset', async (_request, reply) => {
    traffic.faults.set([]);
    traffic.latency.clear();
    // Argo CD first: it must not put back into the cluster what the others forget.
    for (const standIn of [...standIns].sort(resetOrder)) await standIn.reset();
    await background.reset();
    traffic.log.clear();
    return reply.code(204).send();
  });

  return app;
}

function resetOrder(a: StandIn, b: StandIn): number {
  return Number(b.system === 'argocd') - Number(a.system === 'argocd');
}

function parse<T>(schema: z.ZodType<T>, body: unknown, reply: FastifyReply): T | undefined {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  refuse(reply, parsed.error.issues.map(({ path, code, message }) => ({ path: path.join('.'), code, message })));
  return undefined;
}

interface Detail {
  path: string;
  code: string;
  message: string;
}

/** Nothing was changed: a rule is refused whole. */
function refuse(reply: FastifyReply, details: Detail[]): FastifyReply {
  const message = details.map((detail) => (detail.path === '' ? detail.message : `${detail.path}: ${detail.message}`)).join('; ');
  return reply.code(422).send({ ok: false, error: 'invalid_control_request', message, details });
}
