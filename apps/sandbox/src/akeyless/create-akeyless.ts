import type { FastifyInstance } from 'fastify';
import type { SandboxContext } from '../core/context.js';
import type { StandIn } from '../stand-in.js';
import { AkeylessError } from './akeyless-error.js';
import { associations } from './associations.js';
import { authMethods } from './auth-methods.js';
import { authentication } from './authentication.js';
import { encryptionKeys, FRAGMENT_PATH } from './customer-fragment.js';
import { describeState } from './describe-state.js';
import { dynamicSecrets } from './dynamic-secrets.js';
import { Gateway } from './gateway.js';
import { items } from './items.js';
import { kubernetesAuthConfigs } from './kubernetes-auth-configs.js';
import { Leases } from './leases.js';
import type { Operation, OperationContext } from './operation.js';
import { roles } from './roles.js';
import { rotatedSecrets } from './rotated-secrets.js';
import { Rotations } from './rotations.js';
import { type AccessKey, accessKeyOf, describeMethods, type Issuers, seed } from './seed.js';
import { staticSecrets } from './static-secrets.js';
import type { Resolve } from './target-connection.js';
import { targets } from './targets.js';

export interface Akeyless extends StandIn {
  credentials: AccessKey & {
    url: string;
    /** May list and read `/shared/*` and nothing else: to see what 401 hides. */
    restricted: AccessKey;
    /** The cluster's own identity, with which its secret store reads: never the one that provisions. */
    cluster: AccessKey;
  };
  /** By which pods and workflows log in. */
  methods: ReturnType<typeof describeMethods>;
}

const OPERATIONS: readonly Operation[] = [
  ...authentication,
  ...authMethods,
  ...roles,
  ...associations,
  ...kubernetesAuthConfigs,
  ...items,
  ...encryptionKeys,
  ...staticSecrets,
  ...targets,
  ...dynamicSecrets,
  ...rotatedSecrets,
];
/** The public API, the gateway at :8080 and the gateway at :8000. */
const PREFIXES = ['', '/v2', '/api/v2'];

/**
 * An account and its gateway, whose dynamic secrets are real users of a real database, reached as `resolve` tells. Without
 * issuers, as in tests that make their own methods, it has none but access keys.
 */
export function createAkeyless(ctx: SandboxContext, resolve: Resolve, issuers?: Issuers): Akeyless {
  const url = `http://${ctx.publicHost}:${ctx.ports.akeyless}`;
  const gateway = new Gateway(ctx.store, ctx.clock, resolve, url);
  seed(gateway, ctx, issuers);
  const leases = new Leases(gateway, ctx.faults);
  const rotations = new Rotations(gateway);
  return {
    system: 'akeyless',
    credentials: {
      url,
      ...accessKeyOf(ctx, 'admin'),
      restricted: accessKeyOf(ctx, 'restricted'),
      cluster: accessKeyOf(ctx, 'external-secrets'),
    },
    methods: describeMethods(ctx),
    routes: (app) => serveApi(app, { gateway, leases, rotations }),
    state: () => describeState(gateway),
    reset: async () => {
      leases.forgetAll();
      rotations.forgetAll();
      gateway.clear();
      seed(gateway, ctx, issuers);
    },
    close: async () => {
      await Promise.all([leases.close(), rotations.close()]);
    },
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
  app.get(FRAGMENT_PATH, () => ({ status: 'ok' }));
  for (const prefix of PREFIXES) {
    for (const operation of OPERATIONS) {
      app.post(`${prefix}${operation.path}`, async (request, reply) => reply.send(await operation.run(context, request.body)));
    }
  }
}
