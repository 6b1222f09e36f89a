import { PassThrough } from 'node:stream';
import type { KubernetesObject } from '../cluster.js';
import { badRequest, notFound } from './api-error.js';
import { at, listAt, textAt } from './json.js';
import { typeOf } from './resource-types.js';
import type { Api } from './write-object.js';

export interface LogQuery {
  container?: string;
  follow?: string;
  previous?: string;
  tailLines?: string;
  timestamps?: string;
}

/**
 * What a container printed. Nothing runs here, so the log says what became of the container and that this is all there is.
 * @throws ApiError 400 while there is no container to have printed anything, in the kubelet's words
 */
export function podLog(api: Api, namespace: string, name: string, query: LogQuery): string | PassThrough {
  const type = typeOf('Pod');
  const pod = api.objects.get(type, namespace, name);
  if (!pod) throw notFound(type, name);
  const container = chooseContainer(pod, query.container);
  const lines = linesOf(pod, container, query.previous === 'true');
  const wanted = query.tailLines === undefined ? lines : lines.slice(Math.max(0, lines.length - Number(query.tailLines)));
  const text = wanted.map(({ time, line }) => `${query.timestamps === 'true' ? `${time} ` : ''}${line}\n`).join('');
  return query.follow === 'true' ? follow(api, pod, text) : text;
}

function chooseContainer(pod: KubernetesObject, wanted: string | undefined): string {
  const names = [...listAt(pod, 'spec', 'containers'), ...listAt(pod, 'spec', 'initContainers')].map((each) => textAt(each, 'name') ?? '');
  const { name } = pod.metadata;
  if (wanted !== undefined && wanted !== '') {
    if (!names.includes(wanted)) throw badRequest(`container ${wanted} is not valid for pod ${name}`);
    return wanted;
  }
  const own = listAt(pod, 'spec', 'containers');
  if (own.length !== 1) throw badRequest(`a container name must be specified for pod ${name}, choose one of: [${names.join(' ')}]`);
  return names[0] ?? '';
}

interface Line {
  time: string;
  line: string;
}

function linesOf(pod: KubernetesObject, container: string, previous: boolean): Line[] {
  const { name } = pod.metadata;
  const status = listAt(pod, 'status', 'containerStatuses').find((each) => textAt(each, 'name') === container);
  const waiting = textAt(status, 'state', 'waiting', 'reason');
  const crashed = textAt(status, 'lastState', 'terminated', 'message');
  if (crashed !== undefined) {
    return [{ time: textAt(status, 'lastState', 'terminated', 'finishedAt') ?? '', line: crashed }];
  }
  if (previous) throw badRequest(`previous terminated container "${container}" in pod "${name}" not found`);
  if (waiting !== undefined || status === undefined) {
    const why = /Image/.test(waiting ?? '') ? 'trying and failing to pull image' : (waiting ?? 'ContainerCreating');
    throw badRequest(`container "${container}" in pod "${name}" is waiting to start: ${why}`);
  }
  const time = textAt(status, 'state', 'running', 'startedAt') ?? pod.metadata.creationTimestamp ?? '';
  const ready = at(status, 'ready') === true ? 'ready' : 'started, not ready yet';
  return [
    { time, line: `${textAt(status, 'image')}: container ${container} ${ready}` },
    { time, line: 'This is the sandbox: nothing runs in its pods, so nothing more is printed.' },
  ];
}

/** Open until the pod is gone, as the log of something that runs is. */
function follow(api: Api, pod: KubernetesObject, text: string): PassThrough {
  const stream = new PassThrough();
  stream.write(text);
  const stop = api.objects.onChange(({ event, object }) => {
    if (event === 'DELETED' && object.metadata.uid === pod.metadata.uid) stream.end();
  });
  stream.once('close', stop);
  return stream;
}
