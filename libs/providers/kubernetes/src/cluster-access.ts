import { isDeepStrictEqual } from 'node:util';
import { KubeConfig, type RequestContext, type SecurityAuthentication } from '@kubernetes/client-node';

/** Where a cluster answers, and how to get in. */
export interface ClusterAccess {
  readonly server: string;
  readonly authentication: SecurityAuthentication;
  /** Of the credential, another with each that is taken up. */
  readonly generation: number;
  /** The API server does not accept the credential of this generation: reads it anew. Whether there is another one now. */
  renew(refused: number): boolean;
}

interface Source {
  /** Path; absent: the service account of the pod, whose token the client reads anew by itself. */
  kubeconfig?: string | undefined;
  /** Absent: the current one. */
  context?: string | undefined;
}

/**
 * By a kubeconfig of our own copy: nobody else's choice of a context moves it, and only the credential of a later version is
 * taken up, never another server. Every credential read is protected. Throws where there is no usable kubeconfig.
 */
export function openCluster(source: Source, protect: (value: string) => void): ClusterAccess {
  const kubeConfig = load(source);
  return accessBy(kubeConfig, () => load(source), protect);
}

export function accessBy(first: KubeConfig, read: () => KubeConfig, protect: (value: string) => void): ClusterAccess {
  const server = serverOf(first);
  let current = first;
  let authentication = reusingConnections(current);
  let generation = 1;
  protectCredential(current, protect);
  return {
    server,
    authentication: {
      getName: () => current.getName(),
      applySecurityAuthentication: (request) => authentication.applySecurityAuthentication(request),
    },
    get generation() {
      return generation;
    },
    renew(refused) {
      // Another call was refused at the same time, and has found the new one.
      if (refused !== generation) return true;
      const next = readAnew(read);
      if (!next || serverOf(next) !== server || isDeepStrictEqual(next.getCurrentUser(), current.getCurrentUser())) return false;
      current = next;
      authentication = reusingConnections(current);
      generation += 1;
      protectCredential(current, protect);
      return true;
    },
  };
}

function load({ kubeconfig, context }: Source): KubeConfig {
  const kubeConfig = new KubeConfig();
  if (kubeconfig !== undefined) {
    kubeConfig.loadFromFile(kubeconfig);
    if (context !== undefined) kubeConfig.setCurrentContext(context);
    return kubeConfig;
  }
  if (!process.env['KUBERNETES_SERVICE_HOST']) {
    throw new Error('This process does not run in a Kubernetes cluster: configure kubernetes.kubeconfig, the path of a kubeconfig.');
  }
  kubeConfig.loadFromCluster();
  return kubeConfig;
}

function serverOf(kubeConfig: KubeConfig): string {
  const cluster = kubeConfig.getCurrentCluster();
  if (cluster) return cluster.server;
  throw new Error(
    'The kubeconfig has no such context: configure kubernetes.context, or set its current-context to the cluster that Slipway is to use.',
  );
}

/** Undefined while somebody is writing it. */
function readAnew(read: () => KubeConfig): KubeConfig | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

function protectCredential(kubeConfig: KubeConfig, protect: (value: string) => void): void {
  const user = kubeConfig.getCurrentUser();
  for (const value of [user?.token, user?.password, user?.keyData]) if (value) protect(value);
}

const RENEW_CONNECTIONS_MS = 60_000;

/**
 * The client makes a new connection pool for every request (KubeConfig.createDispatcher in 2.0.1), so a poll each second
 * would shake hands each second. We keep one for a minute; renewing it picks up a rotated certificate.
 */
function reusingConnections(kubeConfig: KubeConfig): SecurityAuthentication {
  let kept: { dispatcher: ReturnType<RequestContext['getDispatcher']>; since: number } | undefined;
  return {
    getName: () => kubeConfig.getName(),
    async applySecurityAuthentication(request) {
      await kubeConfig.applySecurityAuthentication(request);
      const now = Date.now();
      if (!kept || now - kept.since > RENEW_CONNECTIONS_MS) kept = { dispatcher: request.getDispatcher(), since: now };
      if (kept.dispatcher) request.setDispatcher(kept.dispatcher);
    },
  };
}
