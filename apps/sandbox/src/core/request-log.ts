import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { System } from '../stand-in.js';
import type { Clock } from './clock.js';
import { mask, maskFields } from './mask.js';

export interface LoggedRequest {
  id: number;
  system: System;
  /** Sandbox time, ISO 8601. */
  time: string;
  method: string;
  path: string;
  query: unknown;
  headers: unknown;
  body: unknown;
  /** null while the answer is under way, and for good where the connection ended without one. */
  status: number | null;
  durationMs: number | null;
  /** The fault that was played on this request. */
  fault?: string;
}

const KEPT = 2_000;
const LARGEST_BODY = 16_384;

/** What was asked of the stand-ins, newest last, secret values masked before they are kept. */
export class RequestLog {
  readonly #requests: LoggedRequest[] = [];
  readonly #entries = new WeakMap<FastifyRequest, LoggedRequest>();
  #lastId = 0;

  constructor(
    private readonly clock: Clock,
    private readonly knownSecrets: () => readonly string[],
  ) {}

  record(app: FastifyInstance, system: System): void {
    app.addHook('onRequest', async (request) => this.#begin(request, system));
    app.addHook('preHandler', async (request) => this.#readBody(request));
    app.addHook('onResponse', async (request, reply) => {
      const entry = this.#entries.get(request);
      if (!entry) return;
      entry.status = reply.statusCode;
      entry.durationMs = Math.round(reply.elapsedTime);
    });
  }

  noteFault(request: FastifyRequest, fault: string): void {
    const entry = this.#entries.get(request);
    if (entry) entry.fault = fault;
  }

  list(system?: string): LoggedRequest[] {
    return system ? this.#requests.filter((request) => request.system === system) : [...this.#requests];
  }

  clear(): void {
    this.#requests.length = 0;
  }

  #begin(request: FastifyRequest, system: System): void {
    const secrets = this.knownSecrets();
    const entry: LoggedRequest = {
      id: ++this.#lastId,
      system,
      time: new Date(this.clock.now()).toISOString(),
      method: request.method,
      path: String(mask(pathOf(request), secrets)),
      query: mask(request.query, secrets),
      headers: mask(request.headers, secrets),
      body: null,
      status: null,
      durationMs: null,
    };
    this.#entries.set(request, entry);
    this.#requests.push(entry);
    if (this.#requests.length > KEPT) this.#requests.shift();
  }

  #readBody(request: FastifyRequest): void {
    const entry = this.#entries.get(request);
    if (!entry) return;
    entry.body = readable(request.body, entry, this.knownSecrets());
  }
}

/** The path as it was sent: escapes kept, query left out. */
export function pathOf(request: FastifyRequest): string {
  return request.url.split('?', 1)[0] ?? '';
}

function readable(body: unknown, { system, path }: LoggedRequest, secrets: readonly string[]): unknown {
  if (body === undefined || body === null) return null;
  if (Buffer.isBuffer(body) || typeof body === 'string') return `(${body.length} bytes)`;
  if (typeof body !== 'object' || 'pipe' in body) return '(stream)';
  const masked = mask(body, secrets) as object;
  const safe = Array.isArray(masked) ? masked : maskFields(masked, secretFields(system, path));
  const size = JSON.stringify(safe).length;
  return size > LARGEST_BODY ? `(${size} characters of JSON)` : safe;
}

/** Names that are harmless elsewhere: Akeyless sends a static secret as `value`, a patch of a Kubernetes Secret names no kind. */
function secretFields(system: System, path: string): string[] {
  if (system === 'akeyless') return ['value', 'new-value'];
  return system === 'kubernetes' && /\/secrets(\/|$)/.test(path) ? ['data', 'stringData'] : [];
}
