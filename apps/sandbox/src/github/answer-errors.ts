import type { FastifyError, FastifyInstance } from 'fastify';
import { type FieldError, GitHubError } from './errors.js';
import { isDescribed } from './check-request.js';
import { Moved, type World } from './world.js';

const DOCUMENTATION = 'https://docs.github.com/rest';

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
    const path = (request.url.split('?', 1)[0] ?? '').replace(/^\/api\/v3(?=\/)/, '');
    // GitHub answers a method that a path does not have as it answers a path that is none.
    if (!isDescribed(request.method, path)) return reply.code(404).send(body(404, 'Not Found'));
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
