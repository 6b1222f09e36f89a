import { SlipwayError } from '@slipway/contracts';
import type { FastifyInstance } from 'fastify';
import { sendError } from '../errors/error.filter.js';
import { sessionTokenOf } from './session-cookie.js';

/** Open to those who have no token yet, or none any more. */
const openRoutes = ['/v1/auth/access_token', '/v1/auth/sign_out'];

/**
 * Who brings nothing at all to prove who they are is refused before their body is read: a stranger makes us parse nothing,
 * and learns that a token is missing rather than what is wrong with the rest. The guard behind checks what is brought.
 */
export function refuseStrangers(instance: FastifyInstance): void {
  instance.addHook('onRequest', (request, reply, done) => {
    const path = request.url.split('?', 1)[0] ?? '';
    const guarded = (path.startsWith('/v1/') && !openRoutes.includes(path)) || path === '/graphql';
    const hasBody = !['GET', 'HEAD'].includes(request.method);
    if (!guarded || !hasBody || request.headers.authorization !== undefined || sessionTokenOf(request.headers.cookie) !== null) return done();
    const message = 'This needs a bearer token or a session: see POST /v1/auth/access_token.';
    sendError(request, reply, new SlipwayError('unauthorized', message));
  });
}
