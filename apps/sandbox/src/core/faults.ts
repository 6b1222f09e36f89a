import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { System } from '../stand-in.js';
import type { Clock } from './clock.js';
import { errorBody } from './error-body.js';
import { pathOf, type RequestLog } from './request-log.js';

export const SYSTEMS = ['github', 'akeyless', 'argocd', 'kubernetes'] as const satisfies readonly System[];

/**
 * A fault and the requests it befalls. `path` is a glob over the path as sent: `*` stays within a segment, `**` crosses
 * segments. GitHub's `/api/v3` prefix may be left out. Without `times` it lasts until it is taken away.
 */
export const Fault = z.strictObject({
  system: z.enum(SYSTEMS),
  match: z.strictObject({ method: z.string().optional(), path: z.string().optional() }).default({}),
  fault: z.enum(['status', 'timeout', 'reset', 'slow', 'applied-then-timeout']),
  status: z.int().min(400).max(599).default(500),
  headers: z.record(z.string(), z.string()).default({}),
  /** Sent as it is instead of the body that this system words for the status. */
  body: z.unknown().optional(),
  message: z.string().optional(),
  /** slow: how long to wait before answering. timeout, applied-then-timeout: after how long to hang up; absent: never. */
  delayMs: z.number().min(0).optional(),
  times: z.int().min(1).optional(),
  probability: z.number().min(0).max(1).default(1),
  seed: z.int().default(1),
});
export type Fault = z.infer<typeof Fault>;

interface Armed {
  readonly fault: Fault;
  readonly path: RegExp;
  readonly chance: () => number;
  left: number;
}

const DEFAULT_SLOWNESS_MS = 1_000;

/** Faults that PUT /faults switched on. They last as long as the process: a restarted sandbox behaves. */
export class Faults {
  #armed: Armed[] = [];

  constructor(
    private readonly clock: Clock,
    private readonly log: RequestLog,
  ) {}

  /** Replaces all faults. */
  set(faults: readonly Fault[]): void {
    this.#armed = faults.map((fault) => ({
      fault,
      path: globToPattern(fault.match.path ?? '**'),
      chance: seededRandom(fault.seed),
      left: fault.times ?? Infinity,
    }));
  }

  list(): (Fault & { left: number | null })[] {
    return this.#armed.map(({ fault, left }) => ({ ...fault, left: left === Infinity ? null : left }));
  }

  /** Call after the request log records, so that it names the fault. */
  play(app: FastifyInstance, system: System): void {
    const afterwards = new WeakMap<FastifyRequest, Fault>();
    app.addHook('onRequest', async (request, reply) => {
      const fault = this.#draw(system, request);
      if (!fault) return;
      this.log.noteFault(request, fault.fault);
      if (fault.fault === 'applied-then-timeout') afterwards.set(request, fault);
      else await this.#playNow(fault, system, request, reply);
    });
    app.addHook('onSend', async (request, _reply, payload) => {
      const fault = afterwards.get(request);
      if (fault) await this.#hang(request, fault.delayMs);
      return payload;
    });
  }

  #draw(system: System, request: FastifyRequest): Fault | undefined {
    for (const armed of this.#armed) {
      if (armed.left === 0 || armed.fault.system !== system || !matches(armed, system, request)) continue;
      if (armed.chance() >= armed.fault.probability) continue;
      armed.left -= 1;
      return armed.fault;
    }
    return undefined;
  }

  async #playNow(fault: Fault, system: System, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    if (fault.fault === 'slow') return this.clock.wait(fault.delayMs ?? DEFAULT_SLOWNESS_MS);
    if (fault.fault === 'timeout') return this.#hang(request, fault.delayMs);
    if (fault.fault === 'reset') {
      request.raw.socket.resetAndDestroy();
      reply.hijack();
      return;
    }
    const body = fault.body ?? errorBody(system, fault.status, fault.message);
    await reply.code(fault.status).headers(fault.headers).send(body);
  }

  /** Holds the answer back until the client gives up, or hangs up on it after the delay. */
  #hang(request: FastifyRequest, delayMs: number | undefined): Promise<void> {
    const socket = request.raw.socket;
    if (delayMs !== undefined) this.clock.after(delayMs, () => socket.destroy());
    return new Promise((resolve) => {
      if (socket.destroyed) resolve();
      else socket.once('close', () => resolve());
    });
  }
}

function matches(armed: Armed, system: System, request: FastifyRequest): boolean {
  const method = armed.fault.match.method;
  if (method && method !== '*' && method.toUpperCase() !== request.method) return false;
  const path = pathOf(request);
  if (armed.path.test(path)) return true;
  return system === 'github' && path.startsWith('/api/v3/') && armed.path.test(path.slice('/api/v3'.length));
}

function globToPattern(glob: string): RegExp {
  const pattern = glob
    .split(/(\*+)/)
    .map((part) => (part.startsWith('**') ? '.*' : part === '*' ? '[^/]*' : RegExp.escape(part)))
    .join('');
  return new RegExp(`^${pattern}$`);
}

/** The same seed gives the same sequence of numbers in [0, 1): mulberry32. */
function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
