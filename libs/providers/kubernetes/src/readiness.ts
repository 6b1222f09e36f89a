import { z } from 'zod';

const Condition = z.object({
  type: z.string(),
  status: z.string(),
  reason: z.string().optional(),
  message: z.string().optional(),
});

/** What readiness is read from, over all kinds. */
export const WatchedObject = z.object({
  kind: z.string(),
  metadata: z.object({ name: z.string(), generation: z.number().optional(), deletionTimestamp: z.unknown().optional() }),
  spec: z
    .object({
      replicas: z.number().optional(),
      selector: z.object({ matchLabels: z.record(z.string(), z.string()).optional() }).optional(),
    })
    .optional()
    .catch(undefined),
  status: z
    .object({
      observedGeneration: z.number().optional(),
      replicas: z.number().optional(),
      readyReplicas: z.number().optional(),
      availableReplicas: z.number().optional(),
      updatedReplicas: z.number().optional(),
      currentRevision: z.string().optional(),
      updateRevision: z.string().optional(),
      desiredNumberScheduled: z.number().optional(),
      updatedNumberScheduled: z.number().optional(),
      numberReady: z.number().optional(),
      phase: z.string().optional(),
      conditions: z.array(Condition).optional(),
    })
    .optional()
    .catch(undefined),
});
export type WatchedObject = z.infer<typeof WatchedObject>;

/** What an object lacks to be ready, in words that follow its name; null once it is. */
export function missingFor(object: WatchedObject): string | null {
  if (object.metadata.deletionTimestamp) return 'is being deleted';
  switch (object.kind) {
    case 'Deployment':
    case 'ReplicaSet':
    case 'StatefulSet':
      return missingReplicas(object);
    case 'DaemonSet':
      return missingDaemons(object);
    case 'Job':
      return missingCondition(object, ['Complete']);
    case 'PersistentVolumeClaim':
      return object.status?.phase === 'Bound' ? null : `is ${object.status?.phase ?? 'without a phase'}, not Bound`;
    case 'Pod':
      return object.status?.phase === 'Succeeded' ? null : missingCondition(object, ['Ready']);
    default:
      return object.status?.conditions === undefined ? null : missingCondition(object, ['Ready', 'Available']);
  }
}

function missingReplicas({ kind, metadata, spec, status }: WatchedObject): string | null {
  const wanted = spec?.replicas ?? 1;
  if (isStale(metadata.generation, status?.observedGeneration)) return 'has a change that its controller has not seen yet';
  const ready = (kind === 'Deployment' ? status?.availableReplicas : status?.readyReplicas) ?? 0;
  if (ready < wanted) return `has ${ready} of ${wanted} replicas ready`;
  const updated = kind === 'ReplicaSet' ? wanted : updatedOf(kind, wanted, status);
  if (updated < wanted && !isRolledOut(status)) return `has ${updated} of ${wanted} replicas at its latest version`;
  if (kind === 'Deployment' && (status?.replicas ?? wanted) > wanted) return 'still runs replicas of its previous version';
  return null;
}

/** None is left out. So it is where a StatefulSet tells of no revision at all. */
function updatedOf(kind: string, wanted: number, status: WatchedObject['status']): number {
  const isTold = kind === 'Deployment' || status?.updateRevision !== undefined;
  return status?.updatedReplicas ?? (isTold ? 0 : wanted);
}

/** A StatefulSet whose revisions agree leaves `updatedReplicas` out. */
function isRolledOut(status: WatchedObject['status']): boolean {
  return status?.updateRevision !== undefined && status.updateRevision === status.currentRevision;
}

function missingDaemons({ metadata, status }: WatchedObject): string | null {
  if (isStale(metadata.generation, status?.observedGeneration)) return 'has a change that its controller has not seen yet';
  const wanted = status?.desiredNumberScheduled ?? 0;
  const ready = status?.numberReady ?? 0;
  if (ready < wanted) return `is ready on ${ready} of ${wanted} nodes`;
  const updated = status?.updatedNumberScheduled ?? 0;
  return updated < wanted ? `is on ${updated} of ${wanted} nodes at its latest version` : null;
}

function isStale(generation: number | undefined, observed: number | undefined): boolean {
  return generation !== undefined && (observed ?? 0) < generation;
}

function missingCondition({ status }: WatchedObject, types: string[]): string | null {
  const conditions = (status?.conditions ?? []).filter((condition) => types.includes(condition.type));
  if (conditions.some((condition) => condition.status === 'True')) return null;
  const [condition] = conditions;
  const why = condition?.message ?? condition?.reason;
  return why ? `is not ${types.join(' or ')}: ${why}` : `is not ${types.join(' or ')} yet`;
}
