import {
  AuthorizationV1Api,
  CoreV1Api,
  createConfiguration,
  ServerConfiguration,
  VersionApi,
} from '@kubernetes/client-node';
import { LimitedCall, StepError, untilAborted } from '@slipway/engine';
import { type Call, classifyError } from './classify-error.js';
import type { ClusterAccess } from './cluster-access.js';
import { type Discovered, ObjectApi } from './object-api.js';
import { sendingByUndici } from './send-request.js';

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
  private readonly discovered: Discovered = {};

  constructor(
    private readonly access: ClusterAccess,
    private readonly deadlineMs = 15_000,
  ) {}

  get server(): string {
    return this.access.server;
  }

  /** `send` is called a second time where the credential was not accepted and another one has been put in its place. */
  async call<T>(call: Call, send: (apis: KubernetesApis) => Promise<T>): Promise<T> {
    const { generation } = this.access;
    try {
      return await this.attempt(call, send);
    } catch (error) {
      if (!(error instanceof StepError) || error.code !== 'kubernetes_unauthorized' || !this.access.renew(generation)) throw error;
      return this.attempt(call, send);
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

  private async attempt<T>(call: Call, send: (apis: KubernetesApis) => Promise<T>): Promise<T> {
    const limited = new LimitedCall(call.signal, this.deadlineMs);
    const { signal } = limited;
    try {
      signal.throwIfAborted();
      // Not the request's own signal alone: a kubeconfig may have a program fetch the credential first, which knows of none.
      return await untilAborted(send(this.apis(signal)), signal);
    } catch (error) {
      throw classifyError(error, call);
    } finally {
      limited.release();
    }
  }

  /** A configuration per call is the generated client's only place for a signal. */
  private apis(signal: AbortSignal): KubernetesApis {
    const configuration = createConfiguration({
      baseServer: new ServerConfiguration(this.server, {}),
      authMethods: { default: this.access.authentication },
      httpApi: sendingByUndici,
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
