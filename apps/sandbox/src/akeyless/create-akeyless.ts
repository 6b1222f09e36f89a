import type { FastifyInstance } from 'fastify';
import type { SandboxContext } from '../core/context.js';
import { keptSecret, randomText } from '../core/credentials.js';
import type { StandIn } from '../stand-in.js';
import { AkeylessError } from './akeyless-error.js';
import { authentication } from './authentication.js';
import { dynamicSecrets } from './dynamic-secrets.js';
import { dateOf, Gateway } from './gateway.js';
import { items } from './items.js';
import { Leases } from './leases.js';
import type { Access, Capability } from './model.js';
import type { Operation, OperationContext } from './operation.js';
import { roles } from './roles.js';
import { staticSecrets } from './static-secrets.js';
import type { Resolve } from './target-connection.js';
import { targets } from './targets.js';

export interface Akeyless extends StandIn {
  credentials: {
    url: string;
    accessId: string;
    accessKey: string;
    /** May list and read `/shared/*` and nothing else: to see what 401 hides. */
    restricted: { accessId: string; accessKey: string };
    /** The cluster's own identity, with which its secret store reads: never the one that provisions. */
    cluster: { accessId: string; accessKey: string };
  };
}

const OPERATIONS = [...authentication, ...targets, ...items, ...staticSecrets, ...dynamicSecrets, ...roles];
/** The public API, the gateway at :8080 and the gateway at :8000. */
const PREFIXES = ['', '/v2', '/api/v2'];
const EVERYTHING: Capability[] = ['create', 'read', 'update', 'delete', 'list'];

/** An account and its gateway, whose dynamic secrets are real users of a real database, reached as `resolve` tells. */
export function createAkeyless(ctx: SandboxContext, resolve: Resolve): Akeyless {
  const admin = keepAccess(ctx, 'admin', [{ path: '/*', capabilities: EVERYTHING }]);
  const restricted = keepAccess(ctx, 'restricted', [{ path: '/shared/*', capabilities: ['read', 'list'] }]);
  const cluster = keepAccess(ctx, 'external-secrets', [{ path: '/*', capabilities: ['read', 'list'] }]);
  const gateway = new Gateway(ctx.store, ctx.clock, [admin, restricted, cluster], resolve);
  const leases = new Leases(gateway);
  return {
    system: 'akeyless',
    credentials: {
      url: `http://${ctx.publicHost}:${ctx.ports.akeyless}`,
      accessId: admin.id,
      accessKey: admin.key,
      restricted: { accessId: restricted.id, accessKey: restricted.key },
      cluster: { accessId: cluster.id, accessKey: cluster.key },
    },
    routes: (app) => serveApi(app, { gateway, leases }),
    state: () => describeState(gateway),
    reset: async () => {
      leases.forgetAll();
      gateway.clear();
    },
    close: () => leases.close(),
  };
}

function serveApi(app: FastifyInstance, context: OperationContext): void {
  app.setErrorHandler((error, _request, reply) => {
    const status = error instanceof AkeylessError ? error.status : ((error as { statusCode?: number }).statusCode ?? 500);
    return reply.code(status).send({ error: (error as Error).message });
  });
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?')[0];
    if (request.method !== 'POST')
      return reply.code(404).send({ error: `${request.method} ${path}: every call of this API is a POST` });
    return reply.code(501).send({ error: `the sandbox does not implement ${path}` });
  });
  for (const prefix of PREFIXES) {
    for (const operation of OPERATIONS) serveOperation(app, prefix, operation, context);
  }
}

function serveOperation(app: FastifyInstance, prefix: string, operation: Operation, context: OperationContext): void {
  app.post(`${prefix}${operation.path}`, async (request, reply) => reply.send(await operation.run(context, request.body)));
}

function keepAccess(ctx: SandboxContext, role: string, rules: Access['rules']): Access {
  const id = keptSecret(ctx.store, `akeyless.${role}.id`, () => `p-${randomText(14).toLowerCase()}`);
  const key = keptSecret(ctx.store, `akeyless.${role}.key`, () => `${randomText(43)}=`);
  return { id, key, role: `/sandbox/${role}`, rules };
}

function describeState(gateway: Gateway): Record<string, unknown> {
  const all = gateway.items.list().map((entry) => entry.value);
  return {
    targets: gateway.targets
      .list()
      .map(({ value }) => ({ name: value.name, host: value.host, port: value.port, user: value.user })),
    dynamicSecrets: all.flatMap((item) =>
      item.type === 'DYNAMIC_SECRET'
        ? [{ name: item.name, target: item.target ?? null, active: item.active, failure: item.failure }]
        : [],
    ),
    staticSecrets: all.flatMap((item) => (item.type === 'STATIC_SECRET' ? [item.name] : [])),
    leases: gateway.leases
      .list()
      .map(({ value }) => ({ id: value.id, dynamicSecret: value.secret, user: value.user, expiresAt: dateOf(value.expiresAt) })),
  };
}
