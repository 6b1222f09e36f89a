import type { FastifyError, FastifyInstance } from 'fastify';
import { z } from 'zod';
import { Moved, type World } from './world.js';

const DOCUMENTATION = 'https://docs.github.com/rest';

export interface FieldError {
  resource: string;
  code: string;
  field?: string;
  message?: string;
}

/** An answer of GitHub's that is no success. */
export class GitHubError extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly errors?: FieldError[],
  ) {
    super(message);
    this.name = 'GitHubError';
  }
}

export function assertWritable(repository: { archived: boolean }): void {
  if (repository.archived) throw new GitHubError(403, 'Repository was archived so is read-only.');
}

/** @throws GitHubError 422 naming the first field of the wrong type. */
export function parseBody<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body ?? {});
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const path = (issue?.path ?? []).join('/');
  const value = JSON.stringify(valueAt(body, issue?.path ?? [])) ?? 'nil';
  const expected = issue?.code === 'invalid_type' ? `${value} is not a ${issue.expected}.` : (issue?.message ?? 'is invalid');
  throw new GitHubError(422, `Invalid request.\n\nFor 'properties/${path}', ${expected}`);
}

export function handleErrors(app: FastifyInstance, world: World): void {
  app.setErrorHandler((error: FastifyError, request, reply) => {
    if (error instanceof Moved) {
      const { id } = error.repository;
      const url = movedUrl(request.url, world, id);
      const status = request.method === 'GET' || request.method === 'HEAD' ? 301 : 307;
      const moved = { message: error.message, url, documentation_url: DOCUMENTATION };
      return reply.code(status).header('location', url).send(moved);
    }
    if (error instanceof GitHubError) return reply.code(error.status).send(body(error.status, error.message, error.errors));
    if (error.code === 'INVALID_JSON') return reply.code(400).send(body(400, 'Problems parsing JSON'));
    const { statusCode } = error;
    if (statusCode && statusCode < 500) return reply.code(statusCode).send(body(statusCode, error.message));
    console.error('The GitHub stand-in failed', request.method, request.url, error);
    return reply.code(500).send(body(500, `The sandbox itself failed: ${error.message}`));
  });
  app.setNotFoundHandler((request, reply) => {
    const message = `The sandbox's GitHub does not implement ${request.method} ${request.url.split('?', 1)[0]}.`;
    return reply.code(501).send(body(501, message));
  });
}

function body(status: number, message: string, errors?: FieldError[]): object {
  return { message, ...(errors && { errors }), documentation_url: DOCUMENTATION, status: String(status) };
}

/** GitHub redirects to the repository's id, which no rename changes. */
function movedUrl(requestUrl: string, world: World, id: number): string {
  const rest = requestUrl.replace(/^(\/api\/v3)?\/repos\/[^/?]+\/[^/?]+/, '');
  return `${world.apiUrl}/repositories/${id}${rest}`;
}

function valueAt(body: unknown, path: readonly PropertyKey[]): unknown {
  let value = body;
  for (const key of path) value = (value as Record<PropertyKey, unknown> | undefined)?.[key];
  return value;
}
