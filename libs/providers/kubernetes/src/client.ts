import {
  AuthorizationV1Api,
  CoreV1Api,
  createConfiguration,
  type KubeConfig,
  type RequestContext,
  type SecurityAuthentication,
  ServerConfiguration,
  VersionApi,
} from '@kubernetes/client-node';
import { StepError, untilAborted } from '@slipway/engine';
import { type Call, classifyError } from './classify-error.js';
import { type Discovered, ObjectApi } from './object-api.js';

/** Who we are in `managedFields`: fields that others set are theirs, and we never take them over. */
export const FIELD_MANAGER = 'slipway';

/** The official client's doors that we use, bound to one call's deadline and signal. */
interface KubernetesApis {
  authorization: AuthorizationV1Api;
  core: CoreV1Api;
  objects: ObjectApi;
  version: VersionApi;
}

/** One cluster. Every call has a deadline, follows the caller's signal, and fails with a `StepError`. */
export class KubernetesClient {
  readonly server: string;
  private readonly authentication: SecurityAuthentication;
  private readonly discovered: Discovered = {};

  constructor(
    kubeConfig: KubeConfig,
    private readonly deadlineMs = 15_000,
  ) {
    const cluster = kubeConfig.getCurrentCluster();
    if (!cluster)
      throw new Error('The kubeconfig has no current context: set current-context to the cluster that Slipway is to use.');
    this.server = cluster.server;
    this.authentication = reusingConnections(kubeConfig);
  }

  async call<T>(call: Call, send: (apis: KubernetesApis) => Promise<T>): Promise<T> {
    const deadline = AbortSignal.timeout(this.deadlineMs);
    const signal = call.signal ? AbortSignal.any([call.signal, deadline]) : deadline;
    try {
      signal.throwIfAborted();
      // Not the request's own signal alone: a kubeconfig may have a program fetch the credential first, which knows of none.
      return await untilAborted(send(this.apis(signal)), signal);
    } catch (error) {
      throw classifyError(error, call);
    }
  }

  /** A read whose object may be missing: undefined then. */
  async find<T>(call: Omit<Call, 'writes'>, send: (apis: KubernetesApis) => Promise<T>): Promise<T | undefined> {
    try {
      return await this.call({ ...call, writes: false }, send);
    } catch (error) {
      if (error instanceof StepError && error.code === 'kubernetes_not_found') return undefined;
      throw error;
    }
  }

  /** A configuration per call is the generated client's only place for a signal. */
  private apis(signal: AbortSignal): KubernetesApis {
    const configuration = createConfiguration({
      baseServer: new ServerConfiguration(this.server, {}),
      authMethods: { default: this.authentication },
      promiseMiddleware: [
        {
          pre: (request) => {
            request.setSignal(signal);
            request.setHeaderParam('User-Agent', 'slipway');
            return Promise.resolve(request);
          },
          post: (response) => Promise.resolve(response),
        },
      ],
    });
    return {
      authorization: new AuthorizationV1Api(configuration),
      core: new CoreV1Api(configuration),
      objects: new ObjectApi(configuration, this.discovered),
      version: new VersionApi(configuration),
    };
  }
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
