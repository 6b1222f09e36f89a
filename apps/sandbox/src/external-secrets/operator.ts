import type { Cluster, KubernetesObject } from '../cluster.js';
import { type Clock, durationMs } from '../core/clock.js';
import { AkeylessReader, ReadFailure, type StoreAccess } from './akeyless-reader.js';

const API_VERSION = 'external-secrets.io/v1';
const MANAGER = 'external-secrets';
const NOTICE_MS = 50;
const FIRST_RETRY_MS = 250;
/** The real operator waits ever longer, up to a quarter of an hour; nobody who tries things out on a laptop would. */
const LONGEST_RETRY_MS = 2_000;

/** The one store that administrators have set up, as templates name it. */
export const STORE_NAME = 'akeyless';

interface Watched {
  generation: number | undefined;
  failures: number;
  cancel: () => void;
}

/**
 * The External Secrets operator of the imaginary cluster, as far as golden paths use it: `dataFrom` with `extract` from a
 * ClusterSecretStore on Akeyless. It reaches Akeyless over its API like any other client, so faults there strike it too.
 */
export class ExternalSecretsOperator {
  readonly #watched = new Map<string, Watched>();
  readonly #reader: AkeylessReader;
  #stopWatching: () => void = () => undefined;
  #closed = false;

  constructor(
    private readonly cluster: Cluster,
    private readonly clock: Clock,
    private readonly store: StoreAccess,
  ) {
    this.#reader = new AkeylessReader(store);
  }

  /** Call once the cluster and Akeyless answer. */
  async start(): Promise<void> {
    await this.seed();
    this.#stopWatching = this.cluster.onChange((type, object) => this.#notice(type, object));
    for (const object of this.cluster.list(API_VERSION, 'ExternalSecret')) this.#notice('ADDED', object);
  }

  /** Puts the store there that an administrator would have put there. */
  async seed(): Promise<void> {
    const accessKey = { name: 'akeyless-access', namespace: 'external-secrets', key: 'access-key' };
    const authSecretRef = { secretRef: { accessID: accessKey, accessType: accessKey, accessTypeParam: accessKey } };
    const spec = { provider: { akeyless: { akeylessGWApiURL: this.store.url, authSecretRef } } };
    const place = { apiVersion: API_VERSION, kind: 'ClusterSecretStore', metadata: { name: STORE_NAME } };
    await this.cluster.apply({ ...place, spec }, { fieldManager: MANAGER, force: true });
    const condition = { type: 'Ready', status: 'True', reason: 'Valid', message: 'store validated' };
    await this.#applyStatus(place, { capabilities: 'ReadOnly', conditions: [condition] });
  }

  close(): void {
    this.#closed = true;
    this.#stopWatching();
    for (const { cancel } of this.#watched.values()) cancel();
  }

  #notice(type: 'ADDED' | 'MODIFIED' | 'DELETED', object: KubernetesObject): void {
    if (object.kind !== 'ExternalSecret') return;
    const key = `${object.metadata.namespace}/${object.metadata.name}`;
    const watched = this.#watched.get(key);
    if (type === 'DELETED' || object.metadata.deletionTimestamp) {
      watched?.cancel();
      this.#watched.delete(key);
      return;
    }
    // Its own status moves no generation.
    if (watched && watched.generation === object.metadata.generation) return;
    watched?.cancel();
    this.#schedule(key, { generation: object.metadata.generation, failures: 0, cancel: () => undefined }, NOTICE_MS);
  }

  #schedule(key: string, watched: Watched, afterMs: number): void {
    this.#watched.set(key, watched);
    watched.cancel = this.clock.after(afterMs, () => void this.#run(key, watched));
  }

  async #run(key: string, watched: Watched): Promise<void> {
    const [namespace = '', name = ''] = key.split('/');
    const object = this.cluster.get(API_VERSION, 'ExternalSecret', namespace, name);
    if (!object || this.#closed) return;
    const next = await this.#sync(object, watched).catch((error: unknown) => {
      if (!this.#closed) console.error(`The External Secrets stand-in failed on ${key}:`, error);
      return LONGEST_RETRY_MS;
    });
    const current = this.#watched.get(key) === watched;
    if (current && next !== undefined && !this.#closed) this.#schedule(key, watched, next);
  }

  /** After how many milliseconds to look again; undefined: not before it changes. */
  async #sync(object: KubernetesObject, watched: Watched): Promise<number | undefined> {
    try {
      const values = await this.#read(object);
      if (!this.cluster.get(API_VERSION, 'ExternalSecret', object.metadata.namespace, object.metadata.name)) return undefined;
      await this.#writeSecret(object, values);
      await this.#report(object, { status: 'True', reason: 'SecretSynced', message: 'secret synced' });
      watched.failures = 0;
      return refreshMs(object);
    } catch (error) {
      if (!(error instanceof ReadFailure)) throw error;
      const message = `error processing spec.dataFrom[0].extract, err: ${error.message}`;
      await this.#report(object, { status: 'False', reason: 'SecretSyncedError', message });
      watched.failures += 1;
      return Math.min(FIRST_RETRY_MS * 2 ** (watched.failures - 1), LONGEST_RETRY_MS);
    }
  }

  async #read(object: KubernetesObject): Promise<Record<string, string>> {
    const { secretStoreRef, data, dataFrom = [] } = specOf(object);
    if (secretStoreRef?.kind !== 'ClusterSecretStore' || secretStoreRef.name !== STORE_NAME) {
      throw new ReadFailure(`could not get ${secretStoreRef?.kind} "${secretStoreRef?.name}": not found`);
    }
    if (data?.length) throw new ReadFailure("the sandbox's operator reads dataFrom.extract, not data");
    let values: Record<string, string> = {};
    for (const { extract } of dataFrom) {
      if (!extract?.key) throw new ReadFailure("the sandbox's operator reads dataFrom.extract alone");
      values = { ...values, ...(await this.#reader.read(extract.key)) };
    }
    return values;
  }

  /** Owned by the external secret, so that it goes when that goes. */
  async #writeSecret(object: KubernetesObject, values: Record<string, string>): Promise<void> {
    const { name, namespace, uid = '' } = object.metadata;
    const owner = { apiVersion: API_VERSION, kind: 'ExternalSecret', name, uid, controller: true, blockOwnerDeletion: true };
    const data = Object.entries(values).map(([key, value]) => [key, Buffer.from(value).toString('base64')]);
    const secret: KubernetesObject = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: specOf(object).target?.name ?? name, namespace, ownerReferences: [owner] },
      type: 'Opaque',
      data: Object.fromEntries(data) as Record<string, string>,
    };
    await this.cluster.apply(secret, { fieldManager: MANAGER, force: true });
  }

  #report(object: KubernetesObject, condition: { status: 'True' | 'False'; reason: string; message: string }): Promise<unknown> {
    const now = new Date(this.clock.now()).toISOString().replace(/\.\d+Z$/, 'Z');
    const before = (object['status'] as ExternalSecretStatus | undefined)?.conditions?.[0];
    const lastTransitionTime = before?.status === condition.status ? before.lastTransitionTime : now;
    const status: ExternalSecretStatus = {
      conditions: [{ type: 'Ready', ...condition, lastTransitionTime }],
      ...(condition.status === 'True' && { refreshTime: now, syncedResourceVersion: String(object.metadata.generation) }),
    };
    return this.#applyStatus(object, status);
  }

  /** Nothing is written to what is gone: an apply would bring it back. */
  async #applyStatus({ apiVersion, kind, metadata }: KubernetesObject, status: object): Promise<void> {
    const { name, namespace } = metadata;
    if (!this.cluster.get(apiVersion, kind, namespace, name)) return;
    const place = { apiVersion, kind, metadata: { name, ...(namespace !== undefined && { namespace }) } };
    await this.cluster.apply({ ...place, status }, { fieldManager: `${MANAGER}-status`, force: true, subresource: 'status' });
  }
}

interface ExternalSecretSpec {
  refreshInterval?: string;
  secretStoreRef?: { kind?: string; name?: string };
  target?: { name?: string };
  data?: unknown[];
  dataFrom?: { extract?: { key?: string } }[];
}

interface ExternalSecretStatus {
  conditions?: { type: string; status: string; reason: string; message: string; lastTransitionTime?: string }[];
  refreshTime?: string;
  syncedResourceVersion?: string;
}

function specOf(object: KubernetesObject): ExternalSecretSpec {
  return object['spec'] ?? {};
}

/** As Go writes it, 30m or 1h30m; an hour where it is left out, and 0 for never again. */
function refreshMs(object: KubernetesObject): number | undefined {
  const interval = (specOf(object).refreshInterval ?? '1h').toUpperCase();
  const ms = interval === '0' ? 0 : durationMs(`PT${interval}`);
  return ms > 0 ? ms : undefined;
}
