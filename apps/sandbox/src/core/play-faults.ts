import { Readable } from 'node:stream';
import { setTimeout as realTime } from 'node:timers/promises';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { System } from '../stand-in.js';
import { errorBody, expiredTokenMessage } from './error-body.js';
import type { Fault, RequestFault } from './fault.js';
import type { Traffic } from './serve.js';
import { pathOf } from './request-log.js';
import { rateLimited, secondaryRateLimited } from './rate-limited.js';

const DEFAULT_SLOWNESS_MS = 1_000;
const AFTERWARDS = new Set<RequestFault>([
  'applied-then-timeout', 'applied-then-reset', 'applied-then-status', 'slow-body', 'endless-body', 'wrong-json',
]);
const FILLER = Buffer.alloc(16 * 1024, ' ');

/** Call after the request log records, so that it names the fault. */
export function playFaults(app: FastifyInstance, system: System, traffic: Traffic): void {
  const afterwards = new WeakMap<FastifyRequest, Fault>();
  const play = async (request: FastifyRequest, reply: FastifyReply, body?: string): Promise<void> => {
    const agent = request.headers['user-agent'] ?? '';
    const asked = { method: request.method, path: pathOf(request), agent, ...(body !== undefined && { body }) };
    const fault = traffic.faults.drawForRequest(system, asked);
    if (!fault) return;
    traffic.log.noteFault(request, fault.fault);
    if (AFTERWARDS.has(fault.fault)) afterwards.set(request, fault);
    else await playBefore(fault, system, request, reply, traffic);
  };
  app.addHook('onRequest', (request, reply) => play(request, reply));
  app.addHook('preValidation', async (request, reply) => {
    const body = traffic.faults.lookAtBodies(system) ? jsonText(request.body) : undefined;
    if (body !== undefined && !afterwards.has(request)) await play(request, reply, body);
  });
  app.addHook('onSend', async (request, reply, payload) => {
    const fault = afterwards.get(request);
    if (!fault) return payload;
    afterwards.delete(request);
    return playAfter(fault, system, request, reply, await carriedOut(request, payload), traffic);
  });
}

/** What is answered as a stream is done as it is read: a push is followed up behind git's last word. A watch has no end to wait for. */
async function carriedOut(request: FastifyRequest, payload: unknown): Promise<unknown> {
  if (request.method === 'GET' || !(payload instanceof Readable)) return payload;
  return Buffer.concat(await payload.map((chunk: Buffer | string) => Buffer.from(chunk)).toArray());
}

/** Nothing for what comes as a stream. */
function jsonText(body: unknown): string | undefined {
  return body !== null && typeof body === 'object' && !Buffer.isBuffer(body) && !('pipe' in body) ? JSON.stringify(body) : undefined;
}

async function playBefore(fault: Fault, system: System, request: FastifyRequest, reply: FastifyReply, traffic: Traffic) {
  switch (fault.fault) {
    case 'slow':
      return traffic.clock.wait(fault.delayMs ?? DEFAULT_SLOWNESS_MS);
    case 'timeout':
      // Taken out of Fastify's hands, or the handler would run once the client has given up.
      reply.hijack();
      return hang(request, fault.delayMs, traffic);
    case 'reset':
      reply.hijack();
      request.raw.socket.resetAndDestroy();
      return;
    case 'expired-token':
      return void (await reply.code(401).send(errorBody(system, 401, expiredTokenMessage(system))));
    case 'rate-limit':
      return void (await rateLimited(reply, traffic.clock.now(), fault));
    case 'secondary-rate-limit':
      return void (await secondaryRateLimited(reply, fault));
    default:
      return void (await reply.code(fault.status ?? 500).headers(fault.headers ?? {}).send(bodyOf(fault, system)));
  }
}

/** What is sent instead of the true answer, the request having been carried out. */
async function playAfter(
  fault: Fault,
  system: System,
  request: FastifyRequest,
  reply: FastifyReply,
  payload: unknown,
  traffic: Traffic,
): Promise<unknown> {
  switch (fault.fault) {
    case 'applied-then-timeout':
      await hang(request, fault.delayMs, traffic);
      return payload;
    case 'applied-then-reset':
      request.raw.socket.resetAndDestroy();
      return payload;
    case 'applied-then-status':
      reply.code(fault.status ?? 502).headers(fault.headers ?? {}).removeHeader('content-length').type('application/json; charset=utf-8');
      return JSON.stringify(bodyOf(fault, system));
    case 'slow-body':
      reply.removeHeader('content-length');
      return Readable.from(drip(textOf(payload), fault.delayMs ?? DEFAULT_SLOWNESS_MS), { objectMode: false });
    case 'endless-body':
      reply.removeHeader('content-length');
      return Readable.from(forever(), { objectMode: false });
    default: {
      const text = textOf(payload);
      reply.removeHeader('content-length').type('application/json; charset=utf-8');
      return text.slice(0, Math.max(1, text.length >> 1));
    }
  }
}

function bodyOf(fault: Fault, system: System): unknown {
  return fault.body ?? errorBody(system, fault.status ?? (fault.fault === 'status' ? 500 : 502), fault.message);
}

/** A stream (a clone, a watch) has no end to cut at: what replaces it is a beginning alone. */
function textOf(payload: unknown): string {
  if (typeof payload === 'string' || Buffer.isBuffer(payload)) return payload.toString() || '{}';
  return '{"incomplete":true}';
}

/** One byte at a time, in the machine's time: no client waits on the sandbox's clock. */
async function* drip(text: string, everyMs: number) {
  for (const byte of Buffer.from(text)) {
    yield Buffer.of(byte);
    await realTime(everyMs);
  }
}

function* forever() {
  yield Buffer.from('{"filler":"');
  for (;;) yield FILLER;
}

/** Holds the answer back until the client gives up, or hangs up on it after the delay. */
function hang(request: FastifyRequest, delayMs: number | undefined, { clock }: Traffic): Promise<void> {
  const socket = request.raw.socket;
  if (delayMs !== undefined) clock.after(delayMs, () => socket.destroy());
  return new Promise((resolve) => {
    if (socket.destroyed) resolve();
    else socket.once('close', () => resolve());
  });
}
