import type { KubernetesObject } from '../cluster.js';
import { at, listAt, numberAt, textAt } from './json.js';
import type { ResourceType } from './resource-types.js';
import type { Api } from './write-object.js';

type Cell = string | number;
type Columns = Record<string, (object: KubernetesObject) => Cell>;

/** What `kubectl get` prints in columns, for the types that people look at; the others get a name and an age. */
const COLUMNS: Record<string, Columns> = {
  Namespace: { Status: (object) => textAt(object, 'status', 'phase') ?? '' },
  Pod: { Ready: podReady, Status: podStatus, Restarts: (object) => numberAt(object, 'status', 'containerStatuses', 0, 'restartCount') ?? 0 },
  Deployment: {
    Ready: readyOfReplicas,
    'Up-to-date': (object) => numberAt(object, 'status', 'updatedReplicas') ?? 0,
    Available: (object) => numberAt(object, 'status', 'availableReplicas') ?? 0,
  },
  StatefulSet: { Ready: readyOfReplicas },
  Service: {
    Type: (object) => textAt(object, 'spec', 'type') ?? '',
    'Cluster-IP': (object) => textAt(object, 'spec', 'clusterIP') ?? '',
    'External-IP': () => '<none>',
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
  ServiceAccount: { Secrets: (object) => listAt(object, 'secrets').length },
  ReplicaSet: {
    Desired: (object) => numberAt(object, 'spec', 'replicas') ?? 0,
    Current: (object) => numberAt(object, 'status', 'replicas') ?? 0,
    Ready: (object) => numberAt(object, 'status', 'readyReplicas') ?? 0,
  },
  PersistentVolumeClaim: {
    Status: (object) => textAt(object, 'status', 'phase') ?? '',
    Volume: (object) => textAt(object, 'spec', 'volumeName') ?? '',
    Capacity: (object) => textAt(object, 'status', 'capacity', 'storage') ?? '',
    'Access Modes': (object) => listAt(object, 'spec', 'accessModes').map(shortMode).join(','),
    StorageClass: (object) => textAt(object, 'spec', 'storageClassName') ?? '',
  },
  RoleBinding: { Role: (object) => `${textAt(object, 'roleRef', 'kind')}/${textAt(object, 'roleRef', 'name')}` },
  ClusterRoleBinding: { Role: (object) => `${textAt(object, 'roleRef', 'kind')}/${textAt(object, 'roleRef', 'name')}` },
};

/** meta.k8s.io/v1 Table. Each row carries the object's metadata, the whole object, or nothing more. */
export function tableOf(api: Api, type: ResourceType, objects: KubernetesObject[], metadata: object, include: string): Record<string, unknown> {
  const columns = columnsOf(api, type);
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata,
    columnDefinitions: columns.map(({ name, priority }) => ({
      name,
      type: 'string',
      format: name === 'Name' ? 'name' : '',
      description: '',
      priority,
    })),
    rows: objects.map((object) => ({ cells: columns.map(({ cell }) => cell(object)), ...rowObject(object, include) })),
  };
}

interface Column {
  name: string;
  /** More than 0: shown by `-o wide` alone. */
  priority: number;
  cell: (object: KubernetesObject) => Cell;
}

function columnsOf(api: Api, type: ResourceType): Column[] {
  const name = { name: 'Name', priority: 0, cell: (object: KubernetesObject) => object.metadata.name };
  const ageColumn = { name: 'Age', priority: 0, cell: (object: KubernetesObject) => age(object.metadata.creationTimestamp, api) };
  const printed = type.custom?.additionalPrinterColumns;
  if (!printed) {
    const own = Object.entries(COLUMNS[type.kind] ?? {}).map(([title, cell]) => ({ name: title, priority: 0, cell }));
    return [name, ...own, ageColumn];
  }
  const own = printed.map(({ name: title, jsonPath, type: of, priority = 0 }) => ({
    name: title,
    priority,
    cell: (object: KubernetesObject) => printedCell(object, jsonPath, of, api),
  }));
  return [name, ...own, ...(printed.some((column) => column.name.toLowerCase() === 'age') ? [] : [ageColumn])];
}

/** The paths that definitions use: names, and an element chosen by its type, `.status.conditions[?(@.type=="Ready")].status`. */
function printedCell(object: KubernetesObject, jsonPath: string, type: string, api: Api): Cell {
  let value: unknown = object;
  for (const [, name, key, wanted, index] of jsonPath.matchAll(/\.([\w-]+)|\[\?\(@\.(\w+)==["'](\w+)["']\)\]|\[(\d+)\]/g)) {
    if (key !== undefined) value = Array.isArray(value) ? value.find((element) => at(element, key) === wanted) : undefined;
    else value = at(value, name ?? Number(index));
  }
  if (type === 'date') return typeof value === 'string' ? age(value, api) : '';
  return typeof value === 'string' || typeof value === 'number' ? value : typeof value === 'boolean' ? String(value) : '';
}

function rowObject(object: KubernetesObject, include: string): object {
  if (include === 'None') return {};
  if (include === 'Object') return { object };
  return { object: { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: object.metadata } };
}

function shortMode(mode: unknown): string {
  return { ReadWriteOnce: 'RWO', ReadOnlyMany: 'ROX', ReadWriteMany: 'RWX', ReadWriteOncePod: 'RWOP' }[String(mode)] ?? String(mode);
}

function podReady(object: KubernetesObject): string {
  const statuses = listAt(object, 'status', 'containerStatuses');
  const ready = statuses.filter((status) => at(status, 'ready') === true).length;
  return `${ready}/${listAt(object, 'spec', 'containers').length}`;
}

function podStatus(object: KubernetesObject): string {
  if (object.metadata.deletionTimestamp !== undefined) return 'Terminating';
  const waiting = listAt(object, 'status', 'containerStatuses').map((status) => textAt(status, 'state', 'waiting', 'reason'));
  return waiting.find((reason) => reason !== undefined) ?? textAt(object, 'status', 'phase') ?? '';
}

function readyOfReplicas(object: KubernetesObject): string {
  return `${numberAt(object, 'status', 'readyReplicas') ?? 0}/${numberAt(object, 'spec', 'replicas') ?? 0}`;
}

/** As the duration is printed: the two largest units while both tell something. */
function age(since: string | undefined, api: Api): string {
  const seconds = Math.max(0, Math.floor((api.clock.now() - Date.parse(since ?? '')) / 1000));
  if (Number.isNaN(seconds)) return '<unknown>';
  const [minutes, hours, days] = [Math.floor(seconds / 60), Math.floor(seconds / 3600), Math.floor(seconds / 86_400)];
  const pair = (large: number, unit: string, small: number, smaller: string) => `${large}${unit}${small > 0 ? `${small}${smaller}` : ''}`;
  if (seconds < 120) return `${seconds}s`;
  if (minutes < 10) return pair(minutes, 'm', seconds % 60, 's');
  if (minutes < 180) return `${minutes}m`;
  if (hours < 8) return pair(hours, 'h', minutes % 60, 'm');
  if (hours < 48) return `${hours}h`;
  if (hours < 192) return pair(days, 'd', hours % 24, 'h');
  return `${days}d`;
}
