import type { KubernetesObject } from '../cluster.js';
import type { Database } from '../mariadb/database.js';
import type { VirtualAccount } from '../mariadb/virtual-server.js';
import { isReady } from './controllers/owned-pods.js';
import { at, listAt, textAt, textMapAt } from './json.js';
import { typeOf } from './resource-types.js';
import { selects } from './selectors.js';
import type { Api } from './write-object.js';

/** Where a host and port of the cluster's network lead, as seen by a client inside the cluster. */
export interface Resolved {
  host: string;
  port: number;
  schema: string | undefined;
  /** What logs in at that address for a name that the imaginary server knows. */
  account(user: string): VirtualAccount | undefined;
}

/** Name resolution or connection failed. The message is what a Go client prints, as the Akeyless gateway is one. */
export class UnreachableError extends Error {}

const SERVICE_HOST = /^(?:(?<pod>[a-z0-9-]+)\.)?(?<service>[a-z0-9-]+)\.(?<namespace>[a-z0-9-]+)\.svc(?:\.cluster\.local)?$/;

/** Whether the host is a name of the cluster's network. */
export function isClusterHost(host: string): boolean {
  return SERVICE_HOST.test(host);
}

/**
 * The database behind a service, for as long as the service has a ready pod.
 *
 * @throws UnreachableError as DNS or the network would refuse: no such service, no ready pod, another port, no database.
 */
export function resolveHost(api: Api, database: Database, host: string, port: number): Resolved {
  const { pods, service } = locate(api, host);
  const ready = pods.filter(isReady);
  const address = textAt(service, 'spec', 'clusterIP');
  if (ready.length === 0 && address === 'None') throw noSuchHost(host);
  const target = servesPort(service, port) ? ready[0] : undefined;
  const owner = target?.metadata.ownerReferences?.find((reference) => reference.kind === 'StatefulSet');
  const server = owner && database.server(`${target?.metadata.namespace}/${owner.name}`);
  if (!server?.initialised)
    throw new UnreachableError(`dial tcp ${address === 'None' ? host : address}:${port}: connect: connection refused`);
  return { host: database.host, port: database.port, schema: server.schema, account: (user) => server.accounts[user] };
}

/** Whether the service of this host has a ready pod. */
export function serviceReady(api: Api, host: string): boolean {
  try {
    return locate(api, host).pods.some(isReady);
  } catch (error) {
    if (error instanceof UnreachableError) return false;
    throw error;
  }
}

function locate(api: Api, host: string): { service: KubernetesObject; pods: KubernetesObject[] } {
  const { service: name = '', namespace = '', pod } = SERVICE_HOST.exec(host)?.groups ?? {};
  const service = api.objects.get(typeOf('Service'), namespace, name);
  if (!service) throw noSuchHost(host);
  const selected = api.objects
    .list(typeOf('Pod'), namespace)
    .filter((candidate) => selects(textMapAt(service, 'spec', 'selector'), candidate));
  if (pod === undefined) return { service, pods: selected };
  const named = selected.filter(
    (candidate) => candidate.metadata.name === pod && textAt(candidate, 'spec', 'subdomain') === name,
  );
  if (named.length === 0) throw noSuchHost(host);
  return { service, pods: named };
}

/** A headless service is its pods' own addresses, where any port may be tried; the imaginary database listens on 3306. */
function servesPort(service: KubernetesObject, port: number): boolean {
  if (textAt(service, 'spec', 'clusterIP') === 'None') return port === 3306;
  return listAt(service, 'spec', 'ports').some((served) => at(served, 'port') === port);
}

function noSuchHost(host: string): UnreachableError {
  return new UnreachableError(`dial tcp: lookup ${host} on 10.96.0.10:53: no such host`);
}
