import type { Cluster, KubernetesObject } from '../cluster.js';
import { AkeylessReader, type Login, NoSecret, ReadFailure } from './akeyless-reader.js';
import { API_VERSION, type StoreReference } from './external-secret.js';

/** What a store gives: a secret by its name, and the names there are. */
export interface SecretReader {
  read(name: string): Promise<string>;
  list(path: string): Promise<string[]>;
}

interface SecretKey {
  name: string;
  key: string;
  namespace?: string;
}

interface AuthReferences {
  secretRef?: { accessID?: SecretKey; accessType?: SecretKey; accessTypeParam?: SecretKey };
  kubernetesAuth?: {
    accessID?: string;
    k8sConfName?: string;
    serviceAccountRef?: { name: string; namespace?: string; audiences?: string[] };
    secretRef?: SecretKey;
  };
}

interface StoreSpec {
  conditions?: { namespaces?: string[]; namespaceSelector?: { matchLabels?: Record<string, string> }; namespaceRegexes?: string[] }[];
  provider?: {
    akeyless?: {
      akeylessGWApiURL?: string;
      authSecretRef?: AuthReferences;
    };
    fake?: { data?: { key: string; value?: string }[] };
  };
}

/** The stores of the cluster, each with the login that it keeps while it stays as it is. */
export class Stores {
  readonly #readers = new Map<string, SecretReader>();

  constructor(private readonly cluster: Cluster) {}

  /** The store that an ExternalSecret in this namespace refers to. @throws ReadFailure */
  open(reference: StoreReference | undefined, namespace: string): SecretReader {
    const { kind = 'SecretStore', name = '' } = reference ?? {};
    const scoped = kind === 'SecretStore';
    const store = this.cluster.get(API_VERSION, kind, scoped ? namespace : undefined, name);
    if (!store) {
      const resource = `${kind}.external-secrets.io "${name}" not found`;
      throw new ReadFailure(`could not get ${kind} "${name}", ${resource}`);
    }
    if (!scoped && !this.#admits(store, namespace)) {
      throw new ReadFailure(`using cluster store "${name}" is not allowed from namespace "${namespace}": denied by spec.condition`);
    }
    if (readyStatus(store) === 'False') throw new ReadFailure(`${kind} "${name}" is not ready`);
    const { uid, generation } = store.metadata;
    const id = `${uid}/${generation}/${namespace}`;
    const known = this.#readers.get(id);
    if (known) return known;
    const reader = this.#readerOf(store, namespace);
    this.#readers.set(id, reader);
    return reader;
  }

  /** What is wrong with a store, as far as it shows without asking the provider. */
  async faultOf(store: KubernetesObject): Promise<string | undefined> {
    const { akeyless, fake } = specOf(store).provider ?? {};
    if (fake) return undefined;
    if (!akeyless?.akeylessGWApiURL) return 'unable to create client';
    // A cluster store that names no namespace takes its login from each that uses it: which is right shows only there.
    if (store.metadata.namespace === undefined && !namesItsNamespaces(akeyless.authSecretRef)) return undefined;
    try {
      await this.#login(store, store.metadata.namespace ?? '');
      return undefined;
    } catch (error) {
      if (error instanceof ReadFailure) return 'unable to validate store';
      throw error;
    }
  }

  /** Forgets the logins, as a restarted operator does. */
  forget(): void {
    this.#readers.clear();
  }

  #readerOf(store: KubernetesObject, namespace: string): SecretReader {
    const { akeyless, fake } = specOf(store).provider ?? {};
    if (fake) return fakeReader(fake.data ?? []);
    if (!akeyless) throw new ReadFailure("the sandbox's operator knows the providers akeyless and fake alone");
    return new AkeylessReader(akeyless.akeylessGWApiURL ?? '', () => this.#login(store, namespace));
  }

  async #login(store: KubernetesObject, namespace: string): Promise<Login> {
    const { akeylessGWApiURL: url = '', authSecretRef } = specOf(store).provider?.akeyless ?? {};
    const inKubernetes = authSecretRef?.kubernetesAuth;
    const place = store.metadata.namespace ?? namespace;
    if (inKubernetes) {
      const { accessID = '', k8sConfName = '', serviceAccountRef, secretRef } = inKubernetes;
      const serviceAccountToken = secretRef
        ? this.#secretValue(secretRef, place)
        : await this.#accountToken(serviceAccountRef, place);
      return { url, accessId: accessID, accessType: 'k8s', parameter: k8sConfName, serviceAccountToken };
    }
    const { accessID, accessType, accessTypeParam } = authSecretRef?.secretRef ?? {};
    return {
      url,
      accessId: this.#secretValue(accessID, place),
      accessType: this.#secretValue(accessType, place),
      parameter: this.#secretValue(accessTypeParam, place),
    };
  }

  async #accountToken(reference: { name: string; namespace?: string; audiences?: string[] } | undefined, namespace: string): Promise<string> {
    if (!reference) throw new ReadFailure('kubernetesAuth needs a serviceAccountRef here: the operator has no token of its own');
    try {
      return await this.cluster.createToken(reference.namespace ?? namespace, reference.name, reference.audiences ?? []);
    } catch (error) {
      throw new ReadFailure(`cannot get a token of service account "${reference.name}": ${(error as Error).message}`, { cause: error });
    }
  }

  #secretValue(reference: SecretKey | undefined, namespace: string): string {
    const { name = '', key = '' } = reference ?? {};
    const place = reference?.namespace ?? namespace;
    const secret = this.cluster.get('v1', 'Secret', place, name);
    if (!secret) throw new ReadFailure(`cannot get Kubernetes secret "${name}" from namespace "${place}": secrets "${name}" not found`);
    const value = (secret['data'] as Record<string, string> | undefined)?.[key];
    if (value === undefined) throw new ReadFailure(`cannot find secret data for key: "${key}"`);
    return Buffer.from(value, 'base64').toString().trim();
  }

  #admits(store: KubernetesObject, namespace: string): boolean {
    const { conditions = [] } = specOf(store);
    if (conditions.length === 0) return true;
    const labels = this.cluster.get('v1', 'Namespace', undefined, namespace)?.metadata.labels ?? {};
    return conditions.some(({ namespaces = [], namespaceSelector, namespaceRegexes = [] }) => {
      const wanted = Object.entries(namespaceSelector?.matchLabels ?? {});
      const selected = namespaceSelector !== undefined && wanted.every(([key, value]) => labels[key] === value);
      return namespaces.includes(namespace) || selected || namespaceRegexes.some((pattern) => new RegExp(pattern).test(namespace));
    });
  }
}

function specOf(store: KubernetesObject): StoreSpec {
  return store['spec'] ?? {};
}

function namesItsNamespaces(auth: AuthReferences | undefined): boolean {
  const { accessID, accessType, accessTypeParam } = auth?.secretRef ?? {};
  const { serviceAccountRef, secretRef } = auth?.kubernetesAuth ?? {};
  const references = [accessID, accessType, accessTypeParam, serviceAccountRef, secretRef];
  return references.every((reference) => reference === undefined || reference.namespace !== undefined);
}

function readyStatus(store: KubernetesObject): string | undefined {
  const { conditions = [] } = (store['status'] ?? {}) as { conditions?: { type: string; status: string }[] };
  return conditions.find(({ type }) => type === 'Ready')?.status;
}

function fakeReader(data: { key: string; value?: string }[]): SecretReader {
  return {
    read: async (name) => {
      const found = data.find(({ key }) => key === name);
      if (!found) throw new NoSecret();
      return found.value ?? '';
    },
    list: async () => data.map(({ key }) => key),
  };
}
