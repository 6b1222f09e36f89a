import type { FastifyError, FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';

/** gRPC codes by the names that Argo CD's source gives them. */
export const CODES = {
  Unknown: 2,
  InvalidArgument: 3,
  NotFound: 5,
  AlreadyExists: 6,
  PermissionDenied: 7,
  FailedPrecondition: 9,
  Unimplemented: 12,
  Internal: 13,
  Unauthenticated: 16,
} as const;
export type Code = keyof typeof CODES;

const HTTP_STATUS: Record<Code, number> = {
  Unknown: 500,
  InvalidArgument: 400,
  NotFound: 404,
  AlreadyExists: 409,
  PermissionDenied: 403,
  FailedPrecondition: 400,
  Unimplemented: 501,
  Internal: 500,
  Unauthenticated: 401,
};

export class ArgoError extends Error {
  constructor(
    readonly code: Code,
    message: string,
  ) {
    super(message);
    this.name = 'ArgoError';
  }
}

/** Fields of requests that no type of Argo CD knows. */
const ignored = new WeakMap<FastifyRequest, string[]>();

/**
 * The body as Go's JSON decoder reads it, which stands behind this gateway in place of the strict one of grpc-gateway: a field
 * that the message does not have is dropped without a word. So that a mistake can be seen here, the answer names those in a
 * header of the sandbox's own.
 *
 * @throws ArgoError InvalidArgument where a field has another type.
 */
export function parseMessage<T>(message: string, schema: z.ZodType<T>, request: FastifyRequest): T {
  const body: unknown = request.body ?? {};
  const parsed = schema.safeParse(body);
  if (!parsed.success) throw new ArgoError('InvalidArgument', decodingError(message, parsed.error.issues[0], body));
  ignored.set(request, [...(ignored.get(request) ?? []), ...dropped(body, parsed.data)]);
  return parsed.data;
}

export function tellIgnoredFields(app: FastifyInstance): void {
  app.addHook('onSend', async (request, reply) => {
    const fields = ignored.get(request) ?? [];
    if (fields.length > 0) reply.header('x-sandbox-ignored-fields', fields.join(', '));
  });
}

const GO_TYPES: Record<string, string> = {
  boolean: 'bool',
  int: 'int64',
  number: 'int64',
  record: 'map[string]string',
  array: '[]string',
};

function decodingError(message: string, issue: z.core.$ZodIssue | undefined, body: unknown): string {
  const path = issue?.path ?? [];
  const found = path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key], body);
  const sent = Array.isArray(found) ? 'array' : typeof found === 'boolean' ? 'bool' : typeof found;
  const wanted = issue?.code === 'invalid_type' ? (GO_TYPES[issue.expected] ?? issue.expected) : 'string';
  const field = [message, ...path.filter((key) => typeof key === 'string')].join('.');
  return `json: cannot unmarshal ${sent} into Go struct field ${field} of type ${wanted}`;
}

function dropped(sent: unknown, kept: unknown, path = ''): string[] {
  if (Array.isArray(sent)) {
    return sent.flatMap((item, index) => (Array.isArray(kept) ? dropped(item, kept[index], `${path}[${index}]`) : []));
  }
  if (typeof sent !== 'object' || sent === null || typeof kept !== 'object' || kept === null) return [];
  return Object.entries(sent).flatMap(([key, value]) => {
    const at = path === '' ? key : `${path}.${key}`;
    if (value === null || value === undefined) return [];
    return key in kept ? dropped(value, (kept as Record<string, unknown>)[key], at) : [at];
  });
}

/** A boolean of the query, as Go reads one. @throws ArgoError InvalidArgument */
export function flag(value: string | undefined, absent = false): boolean {
  if (value === undefined || value === '') return absent;
  if (/^(1|t|T|TRUE|true|True)$/.test(value)) return true;
  if (/^(0|f|F|FALSE|false|False)$/.test(value)) return false;
  throw new ArgoError('InvalidArgument', `strconv.ParseBool: parsing "${value}": invalid syntax`);
}

export function handleErrors(app: FastifyInstance): void {
  app.setErrorHandler((error: FastifyError | ArgoError, request, reply) => {
    if (error instanceof ArgoError) return reply.code(HTTP_STATUS[error.code]).send(body(error.code, error.message));
    if (error.code === 'INVALID_JSON') return reply.code(400).send(body('InvalidArgument', error.message));
    if ('statusCode' in error && error.statusCode && error.statusCode < 500) {
      return reply.code(error.statusCode).send(body('InvalidArgument', error.message));
    }
    console.error('The Argo CD stand-in failed', request.method, request.url, error);
    return reply.code(500).send(body('Internal', `The sandbox itself failed: ${error.message}`));
  });
  app.setNotFoundHandler((request, reply) => {
    const message = `The sandbox's Argo CD does not implement ${request.method} ${request.url.split('?', 1)[0]}.`;
    return reply.code(501).send(body('Unimplemented', message));
  });
}

/**
 * The guard in front of Argo CD's gateway: whatever changes something must come as exactly application/json, which no HTML
 * form can send. A charset after it is refused too.
 */
export function requireJsonContentType(app: FastifyInstance): void {
  app.addHook('onRequest', async (request, reply) => {
    if (request.method === 'GET' || request.method === 'HEAD' || request.url.startsWith('/api/webhook')) return;
    if (request.headers['content-type'] === 'application/json') return;
    await reply.code(415).type('text/plain; charset=utf-8').send('Invalid content type\n');
  });
}

function body(code: Code, message: string): object {
  return { error: message, code: CODES[code], message };
}
