import type { FastifyInstance } from 'fastify';
import type { Metrics } from './metrics.js';

/** One figure and one line of log for each request. Routes by their pattern: addresses are endless, and may hold a token. */
export function observeRequests(instance: FastifyInstance, metrics: Metrics): void {
  instance.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'none';
    const { method } = request;
    const status = reply.statusCode;
    metrics.requests.observe({ method, route, status }, reply.elapsedTime / 1000);
    const line = { method, route, status, ms: Math.round(reply.elapsedTime) };
    if (isRoutine(route, status)) request.log.debug(line, 'request');
    else request.log.info(line, 'request');
  });
}

/** Asked by machines every few seconds; or a webhook that was let in, which is a row and a figure of its own. */
function isRoutine(route: string, status: number): boolean {
  return route === '/health/live' || route === '/health/ready' || route === '/metrics' || (route.startsWith('/webhooks/') && status < 300);
}
