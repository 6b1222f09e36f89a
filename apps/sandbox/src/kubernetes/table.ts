import type { FastifyRequest } from 'fastify';
import type { KubernetesObject } from '../cluster.js';
import { at, listAt, numberAt, textAt } from './json.js';
import type { ResourceType } from './resource-types.js';
import type { Api } from './write-object.js';

type Cell = string | number;
type Columns = Record<string, (object: KubernetesObject) => Cell>;

/** What `kubectl get` prints in columns, for the types that people look at; the others get a name and an age. */
const COLUMNS: Record<string, Columns> = {
  Namespace: { Status: (object) => textAt(object, 'status', 'phase') ?? '' },
  Pod: { Ready: podReady, Status: podStatus, Restarts: () => 0 },
  Deployment: {
    Ready: readyOfReplicas,
    'Up-to-date': (object) => numberAt(object, 'status', 'updatedReplicas') ?? 0,
    Available: (object) => numberAt(object, 'status', 'availableReplicas') ?? 0,
  },
  StatefulSet: { Ready: readyOfReplicas },
  Service: {
    Type: (object) => textAt(object, 'spec', 'type') ?? '',
    'Cluster-IP': (object) => textAt(object, 'spec', 'clusterIP') ?? '',
    'Port(s)': (object) =>
      listAt(object, 'spec', 'ports')
        .map((port) => `${numberAt(port, 'port')}/${textAt(port, 'protocol')}`)
        .join(','),
  },
  Secret: { Type: (object) => textAt(object, 'type') ?? '', Data: (object) => Object.keys(object['data'] ?? {}).length },
  ConfigMap: { Data: (object) => Object.keys(object['data'] ?? {}).length },
  Event: {
    Type: (object) => textAt(object, 'type') ?? '',
    Reason: (object) => textAt(object, 'reason') ?? '',
    Object: (object) => `${textAt(object, 'involvedObject', 'kind')}/${textAt(object, 'involvedObject', 'name')}`,
    Message: (object) => textAt(object, 'message') ?? '',
  },
  Application: {
    'Sync Status': (object) => textAt(object, 'status', 'sync', 'status') ?? '',
    'Health Status': (object) => textAt(object, 'status', 'health', 'status') ?? '',
  },
};

export function wantsTable(request: FastifyRequest): boolean {
  return /;\s*as=Table\b/i.test(request.headers.accept ?? '');
}

/** meta.k8s.io/v1 Table. */
export function asTable(type: ResourceType, objects: KubernetesObject[], api: Api): Record<string, unknown> {
  const columns: Columns = { Name: (object) => object.metadata.name, ...COLUMNS[type.kind], Age: (object) => age(object, api) };
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata: { resourceVersion: String(api.objects.version) },
    columnDefinitions: Object.keys(columns).map((name) => ({
      name,
      type: 'string',
      format: name === 'Name' ? 'name' : '',
      description: '',
      priority: 0,
    })),
    rows: objects.map((object) => ({
      cells: Object.values(columns).map((cell) => cell(object)),
      object: { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: object.metadata },
    })),
  };
}

function podReady(object: KubernetesObject): string {
  const statuses = listAt(object, 'status', 'containerStatuses');
  const ready = statuses.filter((status) => at(status, 'ready') === true).length;
  return `${ready}/${listAt(object, 'spec', 'containers').length}`;
}

function podStatus(object: KubernetesObject): string {
  const waiting = listAt(object, 'status', 'containerStatuses').map((status) => textAt(status, 'state', 'waiting', 'reason'));
  return waiting.find((reason) => reason !== undefined) ?? textAt(object, 'status', 'phase') ?? '';
}

function readyOfReplicas(object: KubernetesObject): string {
  return `${numberAt(object, 'status', 'readyReplicas') ?? 0}/${numberAt(object, 'spec', 'replicas') ?? 0}`;
}

function age(object: KubernetesObject, api: Api): string {
  const seconds = Math.max(0, Math.floor((api.clock.now() - Date.parse(object.metadata.creationTimestamp ?? '')) / 1000));
  if (seconds < 120) return `${seconds}s`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)}m`;
  return seconds < 172_800 ? `${Math.floor(seconds / 3600)}h` : `${Math.floor(seconds / 86_400)}d`;
}
