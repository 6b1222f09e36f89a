import {
  ApiException,
  type Configuration,
  HttpMethod,
  type KubernetesObject,
  KubernetesObjectApi,
  PatchStrategy,
  type V1APIResource,
  type V1APIResourceList,
} from '@kubernetes/client-node';

export type Discovered = Record<string, V1APIResourceList>;

/** How a body is sent; the object says only where to. */
interface Write {
  as: 'create' | PatchStrategy;
  body: unknown;
  fieldManager: string;
}

/** The official client's door for objects of any kind. */
export class ObjectApi extends KubernetesObjectApi {
  /** `discovered` keeps what discovery answered over many calls; the client would ask again for each of its instances. */
  constructor(configuration: Configuration, discovered: Discovered) {
    super(configuration);
    this.apiVersionResourceCache = discovered;
  }

  /**
   * Sends a body as it is written. The client's own `create` and `patch` leave out what their types do not know, and with it
   * any mistyped field; sent whole, the API server refuses it by name.
   */
  async write(object: KubernetesObject, { as, body, fieldManager }: Write): Promise<KubernetesObject> {
    const path = await this.specUriPath(structuredClone(object), as === 'create' ? 'create' : 'patch');
    const request = this.configuration.baseServer.makeRequestContext(path, as === 'create' ? HttpMethod.POST : HttpMethod.PATCH);
    request.setHeaderParam('Accept', 'application/json');
    request.setHeaderParam('Content-Type', as === 'create' ? 'application/json' : as);
    request.setQueryParam('fieldManager', fieldManager);
    request.setQueryParam('fieldValidation', 'Strict');
    request.setBody(JSON.stringify(body));
    return this.requestPromise(request);
  }

  /** Whether objects of the kind lie in a namespace. @throws Error where the cluster does not serve the kind. */
  async isNamespaced(apiVersion: string, kind: string): Promise<boolean> {
    const resource = await this.resource(apiVersion, kind);
    if (!resource) throw unrecognized(apiVersion, kind);
    return resource.namespaced;
  }

  /** A group that the cluster does not serve is answered with 404, as a missing object is: told apart here. */
  protected override async resource(apiVersion: string, kind: string, options?: Configuration): Promise<V1APIResource | undefined> {
    try {
      return await super.resource(apiVersion, kind, options);
    } catch (error) {
      if (error instanceof ApiException && error.code === 404) throw unrecognized(apiVersion, kind);
      throw error;
    }
  }
}

/** In the words of the client, by which failures are classified. */
function unrecognized(apiVersion: string, kind: string): Error {
  return new Error(`Unrecognized API version and kind: ${apiVersion} ${kind}`);
}
