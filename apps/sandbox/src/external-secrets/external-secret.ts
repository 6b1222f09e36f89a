import { createHash } from 'node:crypto';
import type { KubernetesObject } from '../cluster.js';

export const API_VERSION = 'external-secrets.io/v1';

export interface StoreReference {
  kind?: string;
  name?: string;
}

interface Remote {
  key: string;
  property?: string;
  decodingStrategy?: string;
}

/** What is read of an ExternalSecret's spec, its defaults filled in by its definition. */
export interface ExternalSecretSpec {
  refreshInterval?: string;
  refreshPolicy?: 'Periodic' | 'OnChange' | 'CreatedOnce';
  secretStoreRef?: StoreReference;
  target?: {
    name?: string;
    creationPolicy?: 'Owner' | 'Orphan' | 'Merge' | 'None';
    deletionPolicy?: 'Retain' | 'Delete' | 'Merge';
    immutable?: boolean;
    template?: {
      type?: string;
      mergePolicy?: 'Replace' | 'Merge';
      metadata?: { labels?: Record<string, string>; annotations?: Record<string, string> };
      data?: Record<string, string>;
      templateFrom?: unknown[];
    };
  };
  data?: { secretKey: string; remoteRef: Remote; sourceRef?: { storeRef?: StoreReference } }[];
  dataFrom?: {
    extract?: Remote;
    find?: { path?: string; name?: { regexp?: string }; tags?: unknown };
    rewrite?: unknown[];
    sourceRef?: { storeRef?: StoreReference; generatorRef?: unknown };
  }[];
}

export interface ReadyCondition {
  type: string;
  status: 'True' | 'False';
  reason: string;
  message: string;
  lastTransitionTime?: string;
}

export interface ExternalSecretStatus {
  conditions?: ReadyCondition[];
  refreshTime?: string | null;
  syncedResourceVersion?: string;
  binding?: { name: string };
}

export function specOf(object: KubernetesObject): ExternalSecretSpec {
  return object['spec'] ?? {};
}

export function statusOf(object: KubernetesObject): ExternalSecretStatus {
  return object['status'] ?? {};
}

export function targetName(object: KubernetesObject): string {
  return specOf(object).target?.name ?? object.metadata.name;
}

/** Changes with the spec, the labels and the annotations: an annotation is how people force a sync. */
export function resourceVersionOf({ metadata }: KubernetesObject): string {
  return `${metadata.generation}-${digest([metadata.labels ?? {}, metadata.annotations ?? {}])}`;
}

/** The same for the same fields in whatever order. */
export function digest(value: unknown): string {
  const sorted = JSON.stringify(value, (_name, field: unknown) => {
    if (typeof field !== 'object' || field === null || Array.isArray(field)) return field;
    return Object.fromEntries(Object.entries(field).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
  return createHash('sha3-224').update(sorted).digest('hex');
}

/** As Go writes a duration, 30m or 1h30m0s; an hour where it is left out. */
export function refreshMs(object: KubernetesObject): number {
  const units: Record<string, number> = { h: 3_600_000, m: 60_000, s: 1_000, ms: 1 };
  const parts = (specOf(object).refreshInterval ?? '1h').matchAll(/(\d+(?:\.\d+)?)(ms|h|m|s)/g);
  return [...parts].reduce((total, [, count, unit]) => total + Number(count) * (units[unit ?? ''] ?? 0), 0);
}
