import { createHash, randomBytes } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { RateLimits } from './access/rate-limits.js';
import type { World } from './world.js';

export interface RepositoryPlace {
  Params: { owner: string; repo: string };
}

/** What every answer carries; and to whoever has the answer already, that it is still the one. */
export function sendHeaders(app: FastifyInstance, world: World, limits: RateLimits): void {
  // Unique without asking for randomness at every request.
  const series = randomBytes(6).toString('hex').toUpperCase();
  let answered = 0;
  app.addHook('onSend', async (request, reply, payload) => {
    answered += 1;
    // What a fault or the rate limit says of the limits stands.
    const shown = reply.hasHeader('x-ratelimit-remaining') ? {} : limits.headers(request);
    reply.headers({
      // Clients that sign with a clock of their own set it by this.
      date: new Date(world.context.clock.now()).toUTCString(),
      'x-github-media-type': 'github.v3; format=json',
      'x-github-api-version-selected': '2022-11-28',
      'x-github-request-id': `${series}:${answered.toString(16).toUpperCase()}`,
      ...shown,
      // Of a classic token, which the sandbox's is.
      ...(request.principal?.kind === 'user' && { 'x-oauth-scopes': 'delete:packages, delete_repo, repo, workflow' }),
    });
    if (request.method !== 'GET' || reply.statusCode !== 200 || typeof payload !== 'string') return payload;
    const etag = `W/"${createHash('sha256').update(payload).digest('hex')}"`;
    reply.headers({ etag, 'cache-control': 'private, max-age=60, s-maxage=60', vary: 'Accept, Authorization, Cookie, X-GitHub-OTP' });
    const known = request.headers['if-none-match'];
    if (known === undefined || strong(known) !== strong(etag)) return payload;
    limits.giveBack(request);
    reply.code(304).removeHeader('content-type').removeHeader('content-length');
    return '';
  });
}

function strong(etag: string): string {
  return etag.replace(/^W\//, '');
}

/** One page of the list, and the Link header that leads to the others. */
export function paginate<T>(items: readonly T[], request: FastifyRequest, reply: FastifyReply, world: World, usual?: number): T[] {
  const { page, size } = pageOf(request, usual);
  const last = Math.max(1, Math.ceil(items.length / size));
  linkPages(request, reply, world, page, page < last, last);
  return items.slice((page - 1) * size, page * size);
}

export function pageOf(request: FastifyRequest, usual = 30): { page: number; size: number } {
  const query = request.query as { page?: string; per_page?: string };
  const page = Math.max(1, Math.trunc(Number(query.page)) || 1);
  const size = Math.min(100, Math.max(1, Math.trunc(Number(query.per_page)) || usual));
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
