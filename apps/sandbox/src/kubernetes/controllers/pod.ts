import type { KubernetesObject } from '../../cluster.js';
import { MariaDbError } from '../../mariadb/mariadb-error.js';
import { at, listAt, numberAt, textAt } from '../json.js';
import { updateStatus } from '../replace-object.js';
import { typeOf } from '../resource-types.js';
import { timestamp, type Api } from '../write-object.js';
import { findMissingConfig, type MissingConfig } from './container-config.js';
import { databaseRequest, DatabaseImageError } from './database-image.js';
import { recordEvent } from './events.js';
import { type FailedPull, pullImages } from './image-pull.js';
import type { ControllerContext, ObjectKey } from './start-controllers.js';

/** From container start to the first successful readiness probe. */
const WARM_UP_MS = 150;
/** How soon a pod that a fault keeps unready is looked at again. */
const SICK_MS = 500;
const RESTART_MS = 5_000;

/**
 * A pod's life, one step at a time: scheduled; held back while an image is not in the registry, or a Secret or ConfigMap that it
 * needs is missing; a database image initialised; running; ready.
 */
export async function reconcilePod(
  context: ControllerContext,
  _key: ObjectKey,
  pod: KubernetesObject | undefined,
): Promise<void> {
  if (!pod || pod.metadata.deletionTimestamp !== undefined) return;
  const { api, requeue } = context;
  if (textAt(pod, 'status', 'startTime') === undefined) return schedule(api, pod);
  if (textAt(pod, 'status', 'phase') === 'Running' && allStarted(pod)) return warmUp(context, pod);
  const images = pullImages(context, pod);
  if ('reason' in images) {
    holdForImage(api, pod, images);
    return requeue(pod, images.retryMs);
  }
  const missing = findMissingConfig(api, pod);
  if (missing) return holdBack(api, pod, missing);
  const failure = await initialiseDatabase(context, pod);
  if (failure === undefined) return start(api, pod, images);
  crash(api, pod, failure);
  requeue(pod, RESTART_MS);
}

function schedule(api: Api, pod: KubernetesObject): void {
  recordEvent(api, pod, 'Normal', 'Scheduled', `Successfully assigned ${pod.metadata.namespace}/${pod.metadata.name} to sandbox`);
  writeStatus(api, pod, 'Pending', false, () => ({ state: { waiting: { reason: 'ContainerCreating' } } }));
}

function holdForImage(api: Api, pod: KubernetesObject, { container, reason, message }: FailedPull): void {
  writeStatus(api, pod, 'Pending', false, (name) => ({
    state: { waiting: name === container ? { reason, message } : { reason: 'ContainerCreating' } },
  }));
}

function holdBack(api: Api, pod: KubernetesObject, missing: MissingConfig): void {
  recordEvent(api, pod, 'Warning', missing.event, missing.message);
  writeStatus(api, pod, 'Pending', false, (container) => {
    const reason = container === missing.container ? 'CreateContainerConfigError' : 'ContainerCreating';
    return { state: { waiting: reason === 'ContainerCreating' ? { reason } : { reason, message: missing.message } } };
  });
}

/** What stops the image's entry point, if anything. @throws when the MariaDB itself fails, to be tried again. */
async function initialiseDatabase({ api, database }: ControllerContext, pod: KubernetesObject): Promise<string | undefined> {
  try {
    const request = databaseRequest(api, pod);
    if (request) await database.createServer(request);
    return undefined;
  } catch (error) {
    const ofTheImage = error instanceof DatabaseImageError || (error instanceof MariaDbError && error.code === 'SCHEMA_TAKEN');
    if (ofTheImage) return error.message;
    throw error;
  }
}

function crash(api: Api, pod: KubernetesObject, message: string): void {
  const { namespace, name, uid } = pod.metadata;
  const container = textAt(pod, 'spec', 'containers', 0, 'name') ?? '';
  const where = `${name}_${namespace}(${uid})`;
  recordEvent(api, pod, 'Warning', 'BackOff', `Back-off restarting failed container ${container} in pod ${where}`);
  const finishedAt = timestamp(api);
  const restartCount = (numberAt(pod, 'status', 'containerStatuses', 0, 'restartCount') ?? 0) + 1;
  writeStatus(api, pod, 'Running', false, () => ({
    restartCount,
    state: {
      waiting: { reason: 'CrashLoopBackOff', message: `back-off 5s restarting failed container=${container} pod=${where}` },
    },
    lastState: { terminated: { exitCode: 1, reason: 'Error', message, startedAt: finishedAt, finishedAt } },
  }));
}

function start(api: Api, pod: KubernetesObject, digests: Map<string, string>): void {
  for (const container of listAt(pod, 'spec', 'containers')) {
    const name = textAt(container, 'name') ?? '';
    const image = textAt(container, 'image');
    const pulled = digests.has(name) ? `Successfully pulled image "${image}"` : `Container image "${image}" already present on machine`;
    recordEvent(api, pod, 'Normal', 'Pulled', pulled);
    recordEvent(api, pod, 'Normal', 'Created', `Created container: ${name}`);
    recordEvent(api, pod, 'Normal', 'Started', `Started container ${name}`);
  }
  const startedAt = new Date(api.clock.now()).toISOString();
  writeStatus(api, pod, 'Running', false, (name) => {
    const imageID = digests.get(name);
    return { state: { running: { startedAt } }, ...(imageID === undefined ? {} : { imageID }) };
  });
}

/** Ready once it had the time, unless a fault keeps it from ever getting there; a ready pod falls ill with the fault. */
function warmUp({ api, requeue }: ControllerContext, pod: KubernetesObject): void {
  const sick = api.faults.isOn('kubernetes', 'never-healthy', `${pod.metadata.namespace}/${pod.metadata.name}`);
  if (!sick && !isWarm(api, pod)) return requeue(pod, WARM_UP_MS);
  const startedAt = textAt(pod, 'status', 'containerStatuses', 0, 'state', 'running', 'startedAt');
  const imageIds = new Map(listAt(pod, 'status', 'containerStatuses').map((each) => [textAt(each, 'name'), textAt(each, 'imageID')]));
  if (sick) {
    recordEvent(api, pod, 'Warning', 'Unhealthy', 'Readiness probe failed: HTTP probe failed with statuscode: 503');
    requeue(pod, SICK_MS);
  }
  writeStatus(api, pod, 'Running', !sick, (name) => ({ state: { running: { startedAt } }, imageID: imageIds.get(name) ?? '' }));
}

function allStarted(pod: KubernetesObject): boolean {
  const statuses = listAt(pod, 'status', 'containerStatuses');
  return statuses.length > 0 && statuses.every((status) => at(status, 'state', 'running') !== undefined);
}

function isWarm(api: Api, pod: KubernetesObject): boolean {
  const startedAt = Date.parse(textAt(pod, 'status', 'containerStatuses', 0, 'state', 'running', 'startedAt') ?? '');
  return api.clock.now() - startedAt >= WARM_UP_MS;
}

interface ContainerState {
  state: Record<string, unknown>;
  lastState?: Record<string, unknown>;
  restartCount?: number;
  imageID?: string;
}

function writeStatus(
  api: Api,
  pod: KubernetesObject,
  phase: 'Pending' | 'Running',
  ready: boolean,
  stateOf: (container: string) => ContainerState,
): void {
  const containers = listAt(pod, 'spec', 'containers') as { name: string; image: string }[];
  const initContainers = listAt(pod, 'spec', 'initContainers') as { name: string; image: string }[];
  const initialised = phase === 'Running';
  const condition = (type: string, holds: boolean) => conditionOf(api, pod, type, holds, containers);
  updateStatus(api, typeOf('Pod'), pod, {
    observedGeneration: pod.metadata.generation,
    phase,
    qosClass: textAt(pod, 'status', 'qosClass') ?? 'BestEffort',
    startTime: textAt(pod, 'status', 'startTime') ?? timestamp(api),
    hostIP: '10.0.0.1',
    hostIPs: [{ ip: '10.0.0.1' }],
    podIP: textAt(pod, 'status', 'podIP') ?? addressOf(pod),
    podIPs: [{ ip: textAt(pod, 'status', 'podIP') ?? addressOf(pod) }],
    conditions: [
      condition('PodReadyToStartContainers', true),
      condition('Initialized', initialised || initContainers.length === 0),
      condition('Ready', ready),
      condition('ContainersReady', ready),
      condition('PodScheduled', true),
    ],
    ...(initContainers.length > 0 ? { initContainerStatuses: initContainers.map((each) => initStatus(api, each, initialised)) } : {}),
    containerStatuses: containers.map(({ name, image }) => {
      const given = stateOf(name);
      return {
        name,
        image,
        ready,
        started: 'running' in given.state,
        state: given.state,
        lastState: given.lastState ?? {},
        restartCount: given.restartCount ?? 0,
        imageID: given.imageID ?? '',
      };
    }),
  });
}

function initStatus(api: Api, { name, image }: { name: string; image: string }, done: boolean): Record<string, unknown> {
  const finishedAt = timestamp(api);
  const state = done
    ? { terminated: { exitCode: 0, reason: 'Completed', startedAt: finishedAt, finishedAt } }
    : { waiting: { reason: 'PodInitializing' } };
  return { name, image, imageID: '', ready: done, started: false, restartCount: 0, lastState: {}, state };
}

function conditionOf(
  api: Api,
  pod: KubernetesObject,
  type: string,
  holds: boolean,
  containers: { name: string }[],
): Record<string, unknown> {
  const status = holds ? 'True' : 'False';
  const before = listAt(pod, 'status', 'conditions').find((condition) => at(condition, 'type') === type);
  const lastTransitionTime = textAt(before, 'status') === status ? textAt(before, 'lastTransitionTime') : timestamp(api);
  const names = containers.map(({ name }) => name).join(' ');
  const why = { reason: 'ContainersNotReady', message: `containers with unready status: [${names}]` };
  return { type, status, lastProbeTime: null, lastTransitionTime, ...(holds ? {} : why) };
}

function addressOf(pod: KubernetesObject): string {
  const digits = (pod.metadata.uid ?? '').replaceAll('-', '');
  return `10.244.${parseInt(digits.slice(0, 2), 16)}.${1 + (parseInt(digits.slice(2, 4), 16) % 254)}`;
}
