import { z } from 'zod';
import type { Identity } from './identity.js';

/**
 * Argo CD's Application as its API speaks it. What the schemas leave out is dropped on arrival, as Argo CD drops what its
 * types do not know. Times are RFC 3339 in whole seconds, as metav1.Time writes them.
 */

const Text = z.string().optional();

const Source = z.object({
  repoURL: z.string().default(''),
  path: Text,
  targetRevision: Text,
  chart: Text,
  directory: z.object({ recurse: z.boolean().optional() }).optional(),
  helm: z.record(z.string(), z.unknown()).optional(),
  kustomize: z.record(z.string(), z.unknown()).optional(),
  plugin: z.record(z.string(), z.unknown()).optional(),
});
export type Source = z.infer<typeof Source>;

export const Retry = z.object({
  limit: z.int().optional(),
  refresh: z.boolean().optional(),
  backoff: z.object({ duration: Text, factor: z.int().optional(), maxDuration: Text }).optional(),
});
export type Retry = z.infer<typeof Retry>;

const SyncPolicy = z.object({
  automated: z
    .object({
      prune: z.boolean().optional(),
      selfHeal: z.boolean().optional(),
      allowEmpty: z.boolean().optional(),
      enabled: z.boolean().optional(),
    })
    .nullish()
    .transform((value) => value ?? undefined),
  syncOptions: z.array(z.string()).optional(),
  retry: Retry.optional(),
});

export const Spec = z.object({
  project: z.string().default(''),
  source: Source.optional(),
  sources: z.array(Source).optional(),
  destination: z.object({ server: Text, name: Text, namespace: Text }).default({}),
  syncPolicy: SyncPolicy.optional(),
  ignoreDifferences: z.array(z.record(z.string(), z.unknown())).optional(),
  info: z.array(z.object({ name: z.string(), value: z.string() })).optional(),
  revisionHistoryLimit: z.int().optional(),
});
export type Spec = z.infer<typeof Spec>;

const Labels = z.record(z.string(), z.string()).optional();

export const IncomingApplication = z.object({
  metadata: z.object({
    name: z.string().default(''),
    namespace: Text,
    labels: Labels,
    annotations: Labels,
    finalizers: z.array(z.string()).optional(),
  }),
  spec: Spec,
});
export type IncomingApplication = z.infer<typeof IncomingApplication>;

export type SyncStatusCode = 'Unknown' | 'Synced' | 'OutOfSync';
export type HealthStatusCode = 'Unknown' | 'Progressing' | 'Healthy' | 'Suspended' | 'Degraded' | 'Missing';
export type Phase = 'Running' | 'Terminating' | 'Failed' | 'Error' | 'Succeeded';

export interface Health {
  status: HealthStatusCode;
  message?: string;
  lastTransitionTime?: string;
}

export interface ResourceStatus extends Identity {
  status: SyncStatusCode;
  health?: Health;
  requiresPruning?: boolean;
  syncWave?: number;
}

export interface ResourceResult {
  group: string;
  version: string;
  kind: string;
  namespace: string;
  name: string;
  status: 'Synced' | 'SyncFailed' | 'Pruned' | 'PruneSkipped';
  message: string;
  hookPhase: 'Running' | 'Succeeded' | 'Failed';
  syncPhase: 'PreSync' | 'Sync' | 'PostSync';
}

export interface Operation {
  sync: {
    revision?: string;
    prune?: boolean;
    dryRun?: boolean;
    resources?: { group?: string; kind: string; name: string; namespace?: string }[];
    syncOptions?: string[];
  };
  initiatedBy: { username?: string; automated?: boolean };
  retry: Retry;
  info?: { name: string; value: string }[];
}

export interface OperationState {
  operation: Operation;
  phase: Phase;
  message?: string;
  startedAt: string;
  finishedAt?: string;
  retryCount?: number;
  syncResult?: { resources?: ResourceResult[]; revision: string; source: Source };
}

export interface Condition {
  type: 'ComparisonError' | 'InvalidSpecError' | 'SyncError' | 'DeletionError';
  message: string;
  lastTransitionTime?: string;
}

export interface Application {
  metadata: {
    name: string;
    namespace: string;
    uid: string;
    resourceVersion: string;
    generation: number;
    creationTimestamp: string;
    deletionTimestamp?: string;
    deletionGracePeriodSeconds?: number;
    finalizers?: string[];
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
  };
  spec: Spec;
  status: {
    resources?: ResourceStatus[];
    sync: { status: SyncStatusCode; revision?: string; comparedTo?: object };
    health: Health;
    conditions?: Condition[];
    reconciledAt?: string;
    operationState?: OperationState;
    sourceType?: 'Directory' | 'Kustomize';
    summary: { images?: string[] };
    history?: object[];
    controllerNamespace?: string;
  };
  operation?: Operation;
}

export const CASCADE_FINALIZER = 'resources-finalizer.argocd.argoproj.io';

/** With or without a propagation policy. */
export function isCascade(finalizer: string): boolean {
  return finalizer === CASCADE_FINALIZER || finalizer.startsWith(`${CASCADE_FINALIZER}/`);
}

export function targetRevision(spec: Spec): string {
  return spec.source?.targetRevision || 'HEAD';
}

export function isAutomated(spec: Spec): boolean {
  const automated = spec.syncPolicy?.automated;
  return automated !== undefined && automated.enabled !== false;
}
