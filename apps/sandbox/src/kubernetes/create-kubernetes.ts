import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { dump } from 'js-yaml';
import { ClusterError, type Cluster, type ImageRegistry, type KubernetesObject } from '../cluster.js';
import type { SandboxContext } from '../core/context.js';
import { keptSecret, randomText } from '../core/credentials.js';
import type { Database } from '../mariadb/database.js';
import type { StandIn, Tls } from '../stand-in.js';
import { bootstrapRoles } from './access/bootstrap-roles.js';
import { guardDoor } from './access/door.js';
import { openIdRoutes } from './access/open-id-routes.js';
import { reviewRoutes } from './access/review-routes.js';
import { ServiceAccountTokens } from './access/service-account-tokens.js';
import { ApiError, noSuchPath, statusBody } from './api-error.js';
import { parseBodies } from './body-parsers.js';
import { keepCertificates } from './certificates.js';
import { startControllers } from './controllers/start-controllers.js';
import { createObject } from './create-object.js';
import { discoveryRoutes } from './discovery/discovery-routes.js';
import { openApiRoutes } from './discovery/open-api-routes.js';
import { ObjectStore } from './object-store.js';
import { openCluster } from './open-cluster.js';
import { isClusterHost, resolveHost, serviceReady, type Resolved } from './resolve-host.js';
import { resourceRoutes } from './resource-routes.js';
import { typeOf } from './resource-types.js';
import { CUSTOM_RESOURCE_DEFINITIONS, type CustomResource } from './schemas/schema.js';
import { describeState } from './state.js';
import type { Api } from './write-object.js';

export interface Kubernetes {
  standIn: StandIn;
  cluster: Cluster;
  credentials: { token: string; ca: string; /** Path of a kubeconfig with both. */ kubeconfig: string };
  serviceReady(host: string): boolean;
  /** See resolve-host.ts; undefined for a host that is no name of the cluster's network. @throws UnreachableError */
  resolve(host: string, port: number): Resolved | undefined;
}

/** What a cluster has before anyone uses it, and what a sandbox has once more after a reset. */
const SEED_NAMESPACES = ['default', 'kube-system', 'kube-public', 'argocd'];

/**
 * An API server and its controllers, as far as README.md says. Served over HTTPS under an authority of its own. Images of the
 * registry must be there for a pod to start; without a registry, as in tests of other things, every pull succeeds.
 */
export async function createKubernetes(ctx: SandboxContext, database: Database, images?: ImageRegistry): Promise<Kubernetes> {
  const folder = join(ctx.home, 'kubernetes');
  const tls = await keepCertificates(folder, [ctx.host, ctx.publicHost]);
  const token = keptSecret(ctx.store, 'kubernetes.token', () => randomText(40));
  const kubeconfig = await writeKubeconfig(folder, ctx, tls, token);
  const api: Api = { objects: new ObjectStore(ctx.store), clock: ctx.clock, faults: ctx.faults };
  const address = `${ctx.publicHost}:${ctx.ports.kubernetes}`;
  const tokens = await ServiceAccountTokens.open(api, ctx.store, `https://${address}`);
  seed(api);
  const controllers = startControllers({ api, database, tokens, images });
  const standIn: StandIn = {
    system: 'kubernetes',
    tls,
    routes: (app) => serveApi(app, { api, tokens, adminToken: token }, address),
    state: () => describeState(api),
    reset: async () => {
      for (const { type, object } of api.objects.all()) api.objects.remove(type, object);
      seed(api);
      await database.reset();
    },
    close: () => controllers.close(),
  };
  return {
    standIn,
    cluster: openCluster(api, tokens),
    credentials: { token, ca: tls.ca, kubeconfig },
    serviceReady: (host) => serviceReady(api, host),
    resolve: (host, port) => (isClusterHost(host) ? resolveHost(api, database, host, port) : undefined),
  };
}

function serveApi(app: FastifyInstance, by: { api: Api; tokens: ServiceAccountTokens; adminToken: string }, address: string): void {
  const { api, tokens, adminToken } = by;
  parseBodies(app);
  guardDoor(app, api, adminToken, tokens);
  app.setErrorHandler((error, _request, reply) => {
    const refusal =
      error instanceof ClusterError ? error : new ApiError(statusOf(error), 'InternalError', (error as Error).message);
    return reply.code(refusal.status).send(statusBody(refusal));
  });
  app.setNotFoundHandler((_request, reply) => reply.code(404).send(statusBody(noSuchPath())));
  discoveryRoutes(app, address);
  openApiRoutes(app);
  openIdRoutes(app, tokens);
  reviewRoutes(app, by);
  resourceRoutes(app, api, { tokens });
}

function statusOf(error: unknown): number {
  const status = (error as { statusCode?: unknown }).statusCode;
  return typeof status === 'number' ? status : 500;
}

function seed(api: Api): void {
  const namespaces = SEED_NAMESPACES.map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }));
  for (const object of [...namespaces, ...bootstrapRoles(), ...CUSTOM_RESOURCE_DEFINITIONS.map(established)]) {
    const type = typeOf(object.kind);
    if (api.objects.get(type, undefined, object.metadata.name)) continue;
    createObject(api, type, undefined, object, { fieldManager: 'kube-apiserver' });
  }
}

function established({ spec, ...definition }: CustomResource): KubernetesObject {
  return { ...definition, spec: { ...spec } };
}

async function writeKubeconfig(folder: string, ctx: SandboxContext, tls: Tls, token: string): Promise<string> {
  const cluster = {
    server: `https://${ctx.publicHost}:${ctx.ports.kubernetes}`,
    'certificate-authority-data': Buffer.from(tls.ca).toString('base64'),
  };
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'sandbox',
    clusters: [{ name: 'sandbox', cluster }],
    users: [{ name: 'sandbox', user: { token } }],
    contexts: [{ name: 'sandbox', context: { cluster: 'sandbox', user: 'sandbox' } }],
  };
  await mkdir(folder, { recursive: true });
  const file = join(folder, 'kubeconfig');
  await writeFile(file, dump(config), { mode: 0o600 });
  return file;
}
