import { randomBytes } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { sameText } from '../core/same-text.js';
import { GitHubError } from './errors.js';
import type { World } from './world.js';

const RATE_LIMIT = 5_000;
const HOUR_MS = 3_600_000;

export interface RepositoryPlace {
  Params: { owner: string; repo: string };
}

export function requireToken(app: FastifyInstance, world: World): void {
  app.addHook('onRequest', async (request) => {
    const header = request.headers.authorization;
    if (!header) throw new GitHubError(401, 'Requires authentication');
    if (!sameText(tokenOf(header), world.token)) throw new GitHubError(401, 'Bad credentials');
  });
}

function tokenOf(header: string): string {
  const [scheme = '', value = ''] = header.split(' ', 2);
  if (scheme.toLowerCase() !== 'basic') return value;
  const decoded = Buffer.from(value, 'base64').toString();
  return decoded.slice(decoded.indexOf(':') + 1);
}

/** The headers on every answer. The rate limit is counted and shown, and never refuses. */
export function sendHeaders(app: FastifyInstance, world: World): void {
  let hour = 0;
  let used = 0;
  app.addHook('onSend', async (_request, reply) => {
    const current = Math.floor(world.context.clock.now() / HOUR_MS);
    used = current === hour ? used + 1 : 1;
    hour = current;
    reply.headers({
      'x-github-media-type': 'github.v3; format=json',
      'x-github-api-version-selected': '2022-11-28',
      'x-github-request-id': randomBytes(10).toString('hex').toUpperCase(),
      'x-ratelimit-limit': RATE_LIMIT,
      'x-ratelimit-remaining': Math.max(0, RATE_LIMIT - used),
      'x-ratelimit-reset': ((hour + 1) * HOUR_MS) / 1000,
      'x-ratelimit-used': used,
      'x-ratelimit-resource': 'core',
    });
  });
}

/** One page of the list, and the Link header that leads to the others. */
export function paginate<T>(items: readonly T[], request: FastifyRequest, reply: FastifyReply, world: World): T[] {
  const { page, size } = pageOf(request);
  const last = Math.max(1, Math.ceil(items.length / size));
  linkPages(request, reply, world, page, page < last, last);
  return items.slice((page - 1) * size, page * size);
}

export function pageOf(request: FastifyRequest): { page: number; size: number } {
  const query = request.query as { page?: string; per_page?: string };
  const page = Math.max(1, Math.trunc(Number(query.page)) || 1);
  const size = Math.min(100, Math.max(1, Math.trunc(Number(query.per_page)) || 30));
  return { page, size };
}

function linkPages(
  request: FastifyRequest,
  reply: FastifyReply,
  world: World,
  page: number,
  hasNext: boolean,
  last: number,
): void {
  const link = (number: number, relation: string) => {
    const url = new URL(request.url, world.url);
    url.searchParams.set('page', String(number));
    return `<${url.href}>; rel="${relation}"`;
  };
  const links: string[] = [];
  if (page > 1) links.push(link(page - 1, 'prev'));
  if (hasNext) links.push(link(page + 1, 'next'), link(last, 'last'));
  if (page > 1) links.push(link(1, 'first'));
  if (links.length > 0) reply.header('link', links.join(', '));
}
