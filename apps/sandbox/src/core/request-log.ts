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

/** What was asked of the stand-ins, newest last. Secret values are masked when it is shown: of thousands, few are ever looked at. */
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
    const secrets = this.knownSecrets();
    const asked = system ? this.#requests.filter((request) => request.system === system) : this.#requests;
    return asked.map((request) => shown(request, secrets));
  }

  clear(): void {
    this.#requests.length = 0;
  }

  #begin(request: FastifyRequest, system: System): void {
    const entry: LoggedRequest = {
      id: ++this.#lastId,
      system,
      time: new Date(this.clock.now()).toISOString(),
      method: request.method,
      path: pathOf(request),
      query: request.query,
      headers: request.headers,
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
    // What may be too long to show is not kept either.
    const isShort = Number(request.headers['content-length']) <= LARGEST_BODY && isJson(request.body);
    entry.body = isShort ? request.body : readable(request.body, entry, this.knownSecrets());
  }
}

/** The path as it was sent: escapes kept, query left out. */
export function pathOf(request: FastifyRequest): string {
  return request.url.split('?', 1)[0] ?? '';
}

function shown(request: LoggedRequest, secrets: readonly string[]): LoggedRequest {
  const { path, query, headers, body } = request;
  return {
    ...request,
    path: String(mask(path, secrets)),
    query: mask(query, secrets),
    headers: mask(headers, secrets),
    body: typeof body === 'string' ? body : readable(body, request, secrets),
  };
}

function isJson(body: unknown): body is object {
  return typeof body === 'object' && body !== null && !Buffer.isBuffer(body) && !('pipe' in body);
}

function readable(body: unknown, { system, path }: LoggedRequest, secrets: readonly string[]): unknown {
  if (body === undefined || body === null) return null;
  if (Buffer.isBuffer(body) || typeof body === 'string') return `(${body.length} bytes)`;
  if (!isJson(body)) return '(stream)';
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
