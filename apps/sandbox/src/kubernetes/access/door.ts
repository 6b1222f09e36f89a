import { timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ApiError } from '../api-error.js';
import type { Api } from '../write-object.js';
import { authorize } from './authorize.js';
import { forbidden } from './forbidden.js';
import { requestAttributes } from './request-attributes.js';
import type { ServiceAccountTokens } from './service-account-tokens.js';
import { ADMINISTRATOR, ANONYMOUS, type User } from './user.js';

const users = new WeakMap<FastifyRequest, User>();

/** Who sent a request that the door let in. */
export function userOf(request: FastifyRequest): User {
  return users.get(request) ?? ANONYMOUS;
}

/** Nothing behind the door is reached but by whom the roles of the cluster let. Add before all routes. */
export function guardDoor(app: FastifyInstance, api: Api, adminToken: string, tokens: ServiceAccountTokens): void {
  app.addHook('onRequest', async (request) => {
    const user = impersonated(api, request, await authenticate(request, adminToken, tokens));
    users.set(request, user);
    const attributes = requestAttributes(request.method, request.url);
    const { allowed, reason } = authorize(api, user, attributes);
    if (!allowed) throw forbidden(user, attributes, reason);
  });
}

/** @throws ApiError 401 for a credential that is no good; without any, a request is anonymous. */
async function authenticate(request: FastifyRequest, adminToken: string, tokens: ServiceAccountTokens): Promise<User> {
  const { authorization } = request.headers;
  if (authorization === undefined) return ANONYMOUS;
  const token = /^Bearer\s+(\S+)$/i.exec(authorization)?.[1] ?? '';
  if (isSame(token, adminToken)) return ADMINISTRATOR;
  const verified = await tokens.verify(token);
  if (!verified) throw new ApiError(401, 'Unauthorized', 'Unauthorized');
  return verified.user;
}

/** `kubectl --as`. @throws ApiError 403 */
function impersonated(api: Api, request: FastifyRequest, user: User): User {
  const as = headerOf(request, 'impersonate-user')[0];
  if (as === undefined) return user;
  const groups = headerOf(request, 'impersonate-group');
  const account = /^system:serviceaccount:([^:]+):(.+)$/.exec(as);
  const asked = [
    account
      ? { resource: 'serviceaccounts', namespace: account[1] ?? '', name: account[2] ?? '' }
      : { resource: 'users', namespace: '', name: as },
    ...groups.map((name) => ({ resource: 'groups', namespace: '', name })),
  ];
  for (const each of asked) {
    const attributes = { verb: 'impersonate', group: '', version: 'v1', subresource: '', ...each };
    const { allowed, reason } = authorize(api, user, attributes);
    if (!allowed) throw forbidden(user, attributes, reason);
  }
  const own = account ? ['system:serviceaccounts', `system:serviceaccounts:${account[1]}`] : [];
  const implied = as === ANONYMOUS.name ? ANONYMOUS.groups : ['system:authenticated'];
  return { name: as, groups: [...(groups.length > 0 ? groups : own), ...implied] };
}

function headerOf(request: FastifyRequest, name: string): string[] {
  const value = request.headers[name];
  if (value === undefined) return [];
  return Array.isArray(value) ? value : value.split(',').map((part) => part.trim());
}

function isSame(given: string, wanted: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(wanted)];
  return a.length === b.length && timingSafeEqual(a, b);
}
