import type { FastifyInstance } from 'fastify';
import { SlipwayError } from '@slipway/contracts';

const mebibyte = 1024 * 1024;
const bodyLimit = mebibyte;
/** GitHub caps a payload at 25 MB: https://docs.github.com/en/webhooks/webhook-events-and-payloads */
const webhookBodyLimit = 25 * mebibyte;
/** Deeper than any form; shallow enough for every recursive walk behind the doors. */
const maxDepth = 64;

/**
 * JSON for every route, except that webhooks get the bytes: their signature covers exactly those, and nobody parses
 * them before it holds. Fastify's own parser refuses `__proto__` and `constructor.prototype`.
 */
export function registerBodyParser(instance: FastifyInstance): void {
  const parseJson = instance.getDefaultJsonParser('error', 'error');
  instance.addHook('onRoute', (route) => {
    if (isWebhook(route.url)) route.bodyLimit = webhookBodyLimit;
  });
  instance.removeAllContentTypeParsers();
  instance.addContentTypeParser<Buffer>('application/json', { parseAs: 'buffer', bodyLimit }, (request, body, done) => {
    if (isWebhook(request.url)) return done(null, body);
    if (body.length === 0) return done(null, undefined);
    return parseJson(request, body.toString('utf8'), (error, parsed) => done(error ?? tooDeep(parsed), parsed));
  });
}

function isWebhook(url: string): boolean {
  return url.startsWith('/webhooks/');
}

/** Level by level, not by recursion: the point is to survive what would overflow a stack. */
function tooDeep(value: unknown): Error | null {
  let level: object[] = isObject(value) ? [value] : [];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth >= maxDepth) return new SlipwayError('bad_request', `The body is nested more than ${maxDepth} levels deep.`);
    level = level.flatMap((object) => Object.values(object).filter(isObject));
  }
  return null;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
