import type { FastifyError, FastifyInstance } from 'fastify';
import { z } from 'zod';

/** gRPC codes by the names that Argo CD's source gives them. */
export const CODES = {
  Unknown: 2,
  InvalidArgument: 3,
  NotFound: 5,
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

/** @throws ArgoError InvalidArgument where a field has another type than the API knows. Fields it does not know are dropped. */
export function parseMessage<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body ?? {});
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new ArgoError('InvalidArgument', `json: cannot unmarshal field ${issue?.path.join('.')}: ${issue?.message}`);
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
