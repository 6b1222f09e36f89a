import type { KubernetesObject } from '../../cluster.js';
import { at, listAt, numberAt, textAt } from '../json.js';
import { typeOf } from '../resource-types.js';
import { recordEvent } from './events.js';
import type { ControllerContext } from './start-controllers.js';

/** The kubelet waits from ten seconds up to five minutes; nobody who tries things out on a laptop would. */
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 8_000;

export interface FailedPull {
  container: string;
  reason: 'ErrImagePull' | 'ImagePullBackOff';
  message: string;
  /** When to look again, and how it stands then. */
  retryMs: number;
}

/** By container: what the registry gave. A pod whose images are all there gets digests, the first that is not holds it back. */
export function pullImages({ api, images }: ControllerContext, pod: KubernetesObject): FailedPull | Map<string, string> {
  const digests = new Map<string, string>();
  for (const container of [...listAt(pod, 'spec', 'initContainers'), ...listAt(pod, 'spec', 'containers')]) {
    const [name = '', image = ''] = [textAt(container, 'name'), textAt(container, 'image')];
    if (!images?.isOurs(image)) continue;
    const found = images.find(image);
    if (!found) return failedPull(api, pod, name, image);
    digests.set(name, `${image.split('@')[0]?.replace(/:[^/:]*$/, '')}@${found.digest}`);
  }
  return digests;
}

/** A first failure is an error, and the wait before the next try a back-off; they take turns. */
function failedPull(api: ControllerContext['api'], pod: KubernetesObject, container: string, image: string): FailedPull {
  const why =
    `rpc error: code = NotFound desc = failed to pull and unpack image "${image}": ` +
    `failed to resolve reference "${image}": ${image}: not found`;
  const status = listAt(pod, 'status', 'containerStatuses').find((each) => textAt(each, 'name') === container);
  const tries = pullsOf(api, pod, image);
  const retryMs = Math.min(FIRST_RETRY_MS * 2 ** tries, LONGEST_RETRY_MS);
  if (textAt(status, 'state', 'waiting', 'reason') === 'ErrImagePull') {
    recordEvent(api, pod, 'Normal', 'BackOff', `Back-off pulling image "${image}"`);
    recordEvent(api, pod, 'Warning', 'Failed', 'Error: ImagePullBackOff');
    return { container, reason: 'ImagePullBackOff', message: `Back-off pulling image "${image}": ErrImagePull: ${why}`, retryMs };
  }
  recordEvent(api, pod, 'Normal', 'Pulling', `Pulling image "${image}"`);
  recordEvent(api, pod, 'Warning', 'Failed', `Failed to pull image "${image}": ${why}`);
  recordEvent(api, pod, 'Warning', 'Failed', 'Error: ErrImagePull');
  return { container, reason: 'ErrImagePull', message: why, retryMs: FIRST_RETRY_MS / 2 };
}

/** How often it was tried, as the events have counted. */
function pullsOf(api: ControllerContext['api'], pod: KubernetesObject, image: string): number {
  const event = api.objects
    .list(typeOf('Event'), pod.metadata.namespace)
    .find((each) => at(each, 'involvedObject', 'uid') === pod.metadata.uid && each['message'] === `Pulling image "${image}"`);
  return numberAt(event, 'count') ?? 0;
}
