import type { Cluster, KubernetesObject } from '../cluster.js';
import type { Clock } from '../core/clock.js';
import { ReadFailure } from './akeyless-reader.js';
import {
  API_VERSION,
  type ExternalSecretStatus,
  type ReadyCondition,
  refreshMs,
  resourceVersionOf,
  specOf,
  statusOf,
  targetName,
} from './external-secret.js';
import { readData } from './read-data.js';
import { Stores } from './stores.js';
import { existingSecret, isValid, WriteFailure, writeSecret } from './write-secret.js';

const MANAGER = 'external-secrets';
const NOTICE_MS = 50;
const FIRST_RETRY_MS = 250;
/** The real operator waits ever longer, up to a quarter of an hour; nobody who tries things out on a laptop would. */
const LONGEST_RETRY_MS = 2_000;

/** The one store that administrators have set up, as templates name it, and where its login lies. */
export const STORE_NAME = 'akeyless';
const ACCESS = { namespace: 'external-secrets', name: 'akeyless-access' };

interface StoreAccess {
  url: string;
  accessId: string;
  accessKey: string;
}

interface Watched {
  failures: number;
  cancel: () => void;
}

/**
 * The External Secrets operator of the imaginary cluster. It keeps Secrets as the provider has them: when an ExternalSecret
 * changes, when its time is over by the sandbox's clock, and when somebody touches the Secret. It reaches Akeyless over its API
 * like any other client, so faults there strike it too.
 */
export class ExternalSecretsOperator {
  readonly #watched = new Map<string, Watched>();
  readonly #running = new Set<string>();
  readonly #stores: Stores;
  #stopWatching: () => void = () => undefined;
  #closed = false;

  constructor(
    private readonly cluster: Cluster,
    private readonly clock: Clock,
    private readonly access: StoreAccess,
  ) {
    this.#stores = new Stores(cluster);
  }

  /** Call once the cluster and Akeyless answer. */
  async start(): Promise<void> {
    await this.seed();
    this.#stopWatching = this.cluster.onChange((type, object) => this.#notice(type, object));
    for (const kind of ['SecretStore', 'ClusterSecretStore', 'ExternalSecret']) {
      for (const object of this.cluster.list(API_VERSION, kind)) this.#notice('ADDED', object);
    }
  }

  /** Puts the store there that an administrator would have put there, with its login in a Secret. */
  async seed(): Promise<void> {
    this.#stores.forget();
    const by = { fieldManager: 'administrator', force: true };
    await this.cluster.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: ACCESS.namespace } }, by);
    const { url, accessId, accessKey } = this.access;
    const stringData = { 'access-id': accessId, 'access-type': 'access_key', 'access-key': accessKey };
    await this.cluster.apply({ apiVersion: 'v1', kind: 'Secret', metadata: ACCESS, stringData }, by);
    const reference = (key: string) => ({ ...ACCESS, key });
    const secretRef = { accessID: reference('access-id'), accessType: reference('access-type'), accessTypeParam: reference('access-key') };
    const spec = { provider: { akeyless: { akeylessGWApiURL: url, authSecretRef: { secretRef } } } };
    const store = await this.cluster.apply({ apiVersion: API_VERSION, kind: 'ClusterSecretStore', metadata: { name: STORE_NAME }, spec }, by);
    await this.#checkStore(store);
  }

  close(): void {
    this.#closed = true;
    this.#stopWatching();
    for (const { cancel } of this.#watched.values()) cancel();
  }

  #notice(type: 'ADDED' | 'MODIFIED' | 'DELETED', object: KubernetesObject): void {
    if (object.kind === 'Secret') return this.#noticeSecret(object);
    if (!object.apiVersion.startsWith('external-secrets.io/')) return;
    const key = keyOf(object);
    if (type === 'DELETED' || object.metadata.deletionTimestamp) {
      this.#watched.get(key)?.cancel();
      this.#watched.delete(key);
      return;
    }
    const watched = this.#watched.get(key);
    // Its own status changes nothing that would call for a sync; a failure keeps to its own pace unless the wish has changed.
    const wished = object.kind === 'ExternalSecret' && statusOf(object).syncedResourceVersion !== resourceVersionOf(object);
    if (watched && !wished && object.kind === 'ExternalSecret') return;
    if (watched && watched.failures > 0 && object.kind === 'ExternalSecret' && type === 'MODIFIED' && isOwnReport(object)) return;
    this.#schedule(key, { failures: 0, cancel: () => undefined }, NOTICE_MS);
  }

  /** A Secret that somebody deleted or changed is written again. */
  #noticeSecret({ metadata }: KubernetesObject): void {
    for (const object of this.cluster.list(API_VERSION, 'ExternalSecret', metadata.namespace)) {
      if (targetName(object) !== metadata.name || this.#running.has(keyOf(object)) || isValid(this.cluster, object)) continue;
      this.#schedule(keyOf(object), { failures: 0, cancel: () => undefined }, NOTICE_MS);
    }
  }

  #schedule(key: string, watched: Watched, afterMs: number): void {
    this.#watched.get(key)?.cancel();
    this.#watched.set(key, watched);
    watched.cancel = this.clock.after(afterMs, () => void this.#run(key, watched));
  }

  async #run(key: string, watched: Watched): Promise<void> {
    const [kind = '', namespace = '', name = ''] = key.split('/');
    const object = this.cluster.get(API_VERSION, kind, namespace === '' ? undefined : namespace, name);
    if (!object || this.#closed) return;
    this.#running.add(key);
    const work = kind === 'ExternalSecret' ? this.#sync(object, watched) : this.#checkStore(object);
    const next = await work.catch((error: unknown) => {
      if (!this.#closed) console.error(`The External Secrets stand-in failed on ${key}:`, error);
      return LONGEST_RETRY_MS;
    });
    this.#running.delete(key);
    const current = this.#watched.get(key) === watched;
    if (current && next !== undefined && !this.#closed) this.#schedule(key, watched, next);
  }

  /** After how many milliseconds to look again; undefined: not before it changes. */
  async #sync(object: KubernetesObject, watched: Watched): Promise<number | undefined> {
    if (!isDue(object, this.clock.now()) && isValid(this.cluster, object)) return this.#nextRefresh(object);
    try {
      const { values, missing } = await readData(this.#stores, object);
      const current = this.cluster.get(API_VERSION, 'ExternalSecret', object.metadata.namespace, object.metadata.name);
      if (!current || current.metadata.uid !== object.metadata.uid || this.#closed) return undefined;
      for (const what of missing) this.cluster.recordEvent(object, 'Warning', 'MissingProviderSecret', `secret does not exist at provider using ${what}`);
      const { reason, message } = await this.#settle(object, values);
      await this.#report(object, { status: 'True', reason, message });
      watched.failures = 0;
      return this.#nextRefresh(this.cluster.get(API_VERSION, 'ExternalSecret', object.metadata.namespace, object.metadata.name) ?? object);
    } catch (error) {
      if (!(error instanceof ReadFailure) && !(error instanceof WriteFailure)) throw error;
      const message = error instanceof ReadFailure ? 'could not get secret data from provider' : error.message;
      watched.failures += 1;
      this.cluster.recordEvent(object, 'Warning', 'UpdateFailed', error.message);
      await this.#report(object, { status: 'False', reason: 'SecretSyncedError', message });
      return Math.min(FIRST_RETRY_MS * 2 ** (watched.failures - 1), LONGEST_RETRY_MS);
    }
  }

  /** What becomes of the Secret, by the policies of its target. */
  async #settle(object: KubernetesObject, values: Record<string, string>): Promise<{ reason: string; message: string }> {
    const { creationPolicy = 'Owner', deletionPolicy = 'Retain' } = specOf(object).target ?? {};
    const existing = existingSecret(this.cluster, object);
    if (Object.keys(values).length === 0 && deletionPolicy === 'Delete') {
      const name = targetName(object);
      if (creationPolicy !== 'Owner') throw new WriteFailure(`unable to delete secret ${name}: creationPolicy=${creationPolicy} is not Owner`);
      await this.cluster.delete('v1', 'Secret', object.metadata.namespace, name);
      return { reason: 'SecretDeleted', message: 'secret deleted due to DeletionPolicy=Delete' };
    }
    if (Object.keys(values).length === 0 && deletionPolicy === 'Retain') {
      return { reason: 'SecretSynced', message: 'secret retained due to DeletionPolicy=Retain' };
    }
    if (creationPolicy === 'Merge' && !existing) {
      return { reason: 'SecretMissing', message: 'secret will not be created due to CreationPolicy=Merge' };
    }
    if (creationPolicy !== 'None') await writeSecret(this.cluster, object, values);
    return { reason: 'SecretSynced', message: 'secret synced' };
  }

  #nextRefresh(object: KubernetesObject): number | undefined {
    const { refreshPolicy = 'Periodic' } = specOf(object);
    const interval = refreshMs(object);
    if (refreshPolicy !== 'Periodic' || interval <= 0) return undefined;
    const { refreshTime } = statusOf(object);
    const since = refreshTime ? this.clock.now() - Date.parse(refreshTime) : 0;
    return Math.max(interval - since, 0) + NOTICE_MS;
  }

  async #checkStore(store: KubernetesObject): Promise<number | undefined> {
    const fault = await this.#stores.faultOf(store);
    const condition =
      fault === undefined
        ? { type: 'Ready', status: 'True' as const, reason: 'Valid', message: 'store validated' }
        : { type: 'Ready', status: 'False' as const, reason: 'InvalidProviderConfig', message: fault };
    const before = statusOf(store).conditions?.[0];
    const changed = before?.status !== condition.status || before.message !== condition.message;
    if (changed) {
      await this.#applyStatus(store, { capabilities: 'ReadOnly', conditions: [{ ...condition, lastTransitionTime: this.#now() }] });
    }
    return fault === undefined ? undefined : LONGEST_RETRY_MS;
  }

  #report(object: KubernetesObject, condition: Omit<ReadyCondition, 'type' | 'lastTransitionTime'>): Promise<void> {
    const before = statusOf(object);
    const known = before.conditions?.[0];
    const lastTransitionTime = known?.status === condition.status ? known.lastTransitionTime : this.#now();
    const done = condition.status === 'True';
    const refreshTime = done ? this.#now() : before.refreshTime;
    const syncedResourceVersion = done ? resourceVersionOf(object) : before.syncedResourceVersion;
    const status: ExternalSecretStatus = {
      conditions: [{ type: 'Ready', ...condition, ...(lastTransitionTime === undefined ? {} : { lastTransitionTime }) }],
      ...(refreshTime ? { refreshTime } : {}),
      ...(syncedResourceVersion === undefined ? {} : { syncedResourceVersion }),
      ...(done && condition.reason === 'SecretSynced' ? { binding: { name: targetName(object) } } : {}),
    };
    return this.#applyStatus(object, status);
  }

  /** Nothing is written to what is gone: an apply would bring it back. */
  async #applyStatus({ apiVersion, kind, metadata }: KubernetesObject, status: object): Promise<void> {
    const { name, namespace } = metadata;
    if (!this.cluster.get(apiVersion, kind, namespace, name)) return;
    const place = { apiVersion, kind, metadata: { name, ...(namespace !== undefined && { namespace }) } };
    await this.cluster.apply({ ...place, status }, { fieldManager: MANAGER, force: true, subresource: 'status' });
  }

  #now(): string {
    return this.clock.timestamp();
  }
}

/** Whether it is time to ask the provider again. A restart alone is none: each reading of a dynamic secret makes a user. */
function isDue(object: KubernetesObject, now: number): boolean {
  const { refreshPolicy = 'Periodic' } = specOf(object);
  const { refreshTime, syncedResourceVersion } = statusOf(object);
  if (!refreshTime || syncedResourceVersion === undefined) return true;
  if (refreshPolicy === 'CreatedOnce') return false;
  const interval = refreshMs(object);
  if (refreshPolicy === 'Periodic' && interval <= 0) return false;
  if (syncedResourceVersion !== resourceVersionOf(object)) return true;
  return refreshPolicy === 'Periodic' && now >= Date.parse(refreshTime) + interval;
}

/** The operator's own word about a failure leaves the version that was synced as it was. */
function isOwnReport(object: KubernetesObject): boolean {
  return statusOf(object).conditions?.[0]?.status === 'False';
}

function keyOf({ kind, metadata }: KubernetesObject): string {
  return `${kind}/${metadata.namespace ?? ''}/${metadata.name}`;
}
