import type { FastifyReply, FastifyRequest } from 'fastify';
import { requestToken } from './access/token-request.js';
import type { ServiceAccountTokens } from './access/service-account-tokens.js';
import { methodNotAllowed, notFound } from './api-error.js';
import { bodyOf } from './body-of.js';
import { deleteObject } from './delete-object.js';
import { isObject, listAt } from './json.js';
import type { Place } from './locate.js';
import { podLog, type LogQuery } from './pod-log.js';
import { patchScale, readScale, replaceScale } from './scale.js';
import { writeObject, type Api, type WriteOptions } from './write-object.js';

/** What subresources need that objects do not. */
export interface Subresources {
  tokens: ServiceAccountTokens;
}

type Named = Place & { name: string; subresource: string };

/** What lies below an object and is no status: its scale, its tokens, its log. @throws ApiError */
export function serveSubresource(
  api: Api,
  { tokens }: Subresources,
  place: Named,
  request: FastifyRequest,
  reply: FastifyReply,
  options: WriteOptions,
): unknown {
  const { type, namespace = '', name } = place;
  switch (`${request.method} ${place.subresource}`) {
    case 'GET scale':
      return reply.send(readScale(api, type, namespace, name));
    case 'PUT scale':
      return reply.send(replaceScale(api, type, namespace, name, bodyOf(request), options));
    case 'PATCH scale':
      return reply.send(patchScale(api, type, namespace, name, request, options));
    case 'POST token':
      return requestToken(api, tokens, namespace, name, request.body).then((answer) => reply.code(201).send(answer));
    case 'POST eviction':
      return reply.code(201).send(evict(api, place, request));
    case 'GET log':
      return reply.type('text/plain').send(podLog(api, namespace, name, request.query as LogQuery));
    case 'PUT finalize':
      return reply.send(finalize(api, place, request, options));
    default:
      throw methodNotAllowed();
  }
}

function evict(api: Api, { type, namespace, name }: Named, request: FastifyRequest): object {
  const dryRun = (request.query as { dryRun?: string }).dryRun === 'All';
  deleteObject(api, type, namespace, name, { dryRun });
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 };
}

/** The only door to the finalizers in a namespace's spec, which hold it until it is empty. */
function finalize(api: Api, { type, name }: Named, request: FastifyRequest, options: WriteOptions): object {
  const before = api.objects.get(type, undefined, name);
  if (!before) throw notFound(type, name);
  const sent = bodyOf(request);
  const finalizers = listAt(sent, 'spec', 'finalizers');
  const spec = { ...(isObject(before['spec']) ? before['spec'] : {}), finalizers };
  if (finalizers.length === 0 && before.metadata.deletionTimestamp !== undefined && !options.dryRun) {
    const after = { ...before, spec };
    api.objects.remove(type, after);
    return after;
  }
  return writeObject(api, type, before, { ...before, spec }, options);
}
