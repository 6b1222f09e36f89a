import type { KubernetesObject } from '../../cluster.js';
import { at, listAt, textAt } from '../json.js';
import { updateStatus } from '../replace-object.js';
import { typeOf } from '../resource-types.js';
import { timestamp, type Api } from '../write-object.js';
import { findMissingConfig, type MissingConfig } from './container-config.js';
import { databaseRequest, DatabaseImageError } from './database-image.js';
import { recordEvent } from './events.js';
import type { ControllerContext, ObjectKey } from './start-controllers.js';
import { MariaDbError } from '../../mariadb/mariadb-error.js';

/** From container start to the first successful readiness probe. */
const WARM_UP_MS = 150;

/**
 * A pod's life, one step at a time: scheduled; held back while a Secret or ConfigMap that it needs is missing; a database image
 * initialised; running; ready. Images are not checked: every pull succeeds.
 */
export async function reconcilePod(
  context: ControllerContext,
  _key: ObjectKey,
  pod: KubernetesObject | undefined,
): Promise<void> {
  if (!pod || pod.metadata.deletionTimestamp !== undefined) return;
  const { api, requeue } = context;
  if (textAt(pod, 'status', 'phase') === undefined) return schedule(api, pod);
  if (textAt(pod, 'status', 'phase') === 'Running' && allStarted(pod)) {
    return isWarm(api, pod) ? becomeReady(api, pod) : requeue(pod, WARM_UP_MS);
  }
  const missing = findMissingConfig(api, pod);
  if (missing) return holdBack(api, pod, missing);
  const failure = await initialiseDatabase(context, pod);
  if (failure === undefined) start(api, pod);
  else crash(api, pod, failure);
}

function schedule(api: Api, pod: KubernetesObject): void {
  recordEvent(api, pod, 'Normal', 'Scheduled', `Successfully assigned ${pod.metadata.namespace}/${pod.metadata.name} to sandbox`);
  writeStatus(api, pod, 'Pending', false, () => ({ waiting: { reason: 'ContainerCreating' } }));
}

function holdBack(api: Api, pod: KubernetesObject, missing: MissingConfig): void {
  recordEvent(api, pod, 'Warning', missing.event, missing.message);
  writeStatus(api, pod, 'Pending', false, (container) => {
    const reason = container === missing.container ? 'CreateContainerConfigError' : 'ContainerCreating';
    return { waiting: reason === 'ContainerCreating' ? { reason } : { reason, message: missing.message } };
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
  recordEvent(api, pod, 'Warning', 'BackOff', `Back-off restarting failed container: ${message}`);
  writeStatus(api, pod, 'Running', false, () => ({ waiting: { reason: 'CrashLoopBackOff', message } }));
}

function start(api: Api, pod: KubernetesObject): void {
  recordEvent(api, pod, 'Normal', 'Started', 'Started containers');
  const startedAt = new Date(api.clock.now()).toISOString();
  writeStatus(api, pod, 'Running', false, () => ({ running: { startedAt } }));
}

function becomeReady(api: Api, pod: KubernetesObject): void {
  const startedAt = textAt(pod, 'status', 'containerStatuses', 0, 'state', 'running', 'startedAt');
  writeStatus(api, pod, 'Running', true, () => ({ running: { startedAt } }));
}

function allStarted(pod: KubernetesObject): boolean {
  const statuses = listAt(pod, 'status', 'containerStatuses');
  return statuses.length > 0 && statuses.every((status) => at(status, 'state', 'running') !== undefined);
}

function isWarm(api: Api, pod: KubernetesObject): boolean {
  const startedAt = Date.parse(textAt(pod, 'status', 'containerStatuses', 0, 'state', 'running', 'startedAt') ?? '');
  return api.clock.now() - startedAt >= WARM_UP_MS;
}

function writeStatus(
  api: Api,
  pod: KubernetesObject,
  phase: 'Pending' | 'Running',
  ready: boolean,
  stateOf: (container: string) => Record<string, unknown>,
): void {
  const containers = listAt(pod, 'spec', 'containers') as { name: string; image: string }[];
  const condition = (type: string, holds: boolean) => conditionOf(api, pod, type, holds);
  updateStatus(api, typeOf('Pod'), pod, {
    phase,
    qosClass: 'BestEffort',
    startTime: textAt(pod, 'status', 'startTime') ?? timestamp(api),
    hostIP: '10.0.0.1',
    podIP: textAt(pod, 'status', 'podIP') ?? addressOf(pod),
    conditions: [
      condition('PodScheduled', true),
      condition('Initialized', true),
      condition('ContainersReady', ready),
      condition('Ready', ready),
    ],
    containerStatuses: containers.map(({ name, image }) => ({
      ...{ name, image, imageID: '', ready, started: ready, restartCount: 0 },
      state: stateOf(name),
    })),
  });
}

function conditionOf(api: Api, pod: KubernetesObject, type: string, holds: boolean): Record<string, unknown> {
  const status = holds ? 'True' : 'False';
  const before = listAt(pod, 'status', 'conditions').find((condition) => at(condition, 'type') === type);
  const lastTransitionTime = textAt(before, 'status') === status ? textAt(before, 'lastTransitionTime') : timestamp(api);
  return { type, status, lastTransitionTime, ...(holds ? {} : { reason: 'ContainersNotReady' }) };
}

function addressOf(pod: KubernetesObject): string {
  const digits = (pod.metadata.uid ?? '').replaceAll('-', '');
  return `10.244.${parseInt(digits.slice(0, 2), 16)}.${1 + (parseInt(digits.slice(2, 4), 16) % 254)}`;
}
