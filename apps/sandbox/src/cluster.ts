/**
 * What the Argo CD and Akeyless stand-ins see of the Kubernetes stand-in, past HTTP and authorization. Objects handed out are the
 * stored ones: nobody changes them in place.
 */
export interface Cluster {
  /**
   * Server-side apply. Makes the object or merges into it. A status goes through the subresource of that name alone.
   * @throws ClusterError 409 Conflict on a field another manager owns.
   */
  apply(manifest: KubernetesObject, options: ApplyOptions): Promise<KubernetesObject>;
  get(apiVersion: string, kind: string, namespace: string | undefined, name: string): KubernetesObject | undefined;
  list(apiVersion: string, kind: string, namespace?: string): KubernetesObject[];
  /** Asks for deletion, as DELETE does: the object may linger with a deletionTimestamp. Absent: nothing happens. */
  delete(apiVersion: string, kind: string, namespace: string | undefined, name: string): Promise<void>;
  /** A token of a service account for these audiences, as TokenRequest gives it. @throws ClusterError 404 */
  createToken(namespace: string, serviceAccount: string, audiences: string[]): Promise<string>;
  /** Tells about an object in an Event of its namespace, in the name of a component. */
  recordEvent(about: KubernetesObject, type: 'Normal' | 'Warning', reason: string, message: string, component?: string): void;
  /** Calls the listener after each change of any object, its deletion included. The function returned ends that. */
  onChange(listener: (type: 'ADDED' | 'MODIFIED' | 'DELETED', object: KubernetesObject) => void): () => void;
}

export interface ApplyOptions {
  fieldManager: string;
  force: boolean;
  subresource?: 'status';
}

export interface OwnerReference {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller?: boolean;
  blockOwnerDeletion?: boolean;
}

export interface KubernetesObject {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace?: string;
    uid?: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    resourceVersion?: string;
    generation?: number;
    creationTimestamp?: string;
    deletionTimestamp?: string;
    finalizers?: string[];
    ownerReferences?: OwnerReference[];
    [key: string]: unknown;
  };
  [key: string]: unknown;
}

/** A refusal of the API server: HTTP status and the reason of a Kubernetes Status. */
export class ClusterError extends Error {
  constructor(
    readonly status: number,
    readonly reason: string,
    message: string,
  ) {
    super(message);
    this.name = 'ClusterError';
  }
}

/** The container registry as a node sees it when it pulls. Images of other registries are taken to be there. */
export interface ImageRegistry {
  /** Whether the reference names this registry. */
  isOurs(reference: string): boolean;
  /** The image of a reference, by tag or digest; undefined where a pull would find none. */
  find(reference: string): { digest: string } | undefined;
}
