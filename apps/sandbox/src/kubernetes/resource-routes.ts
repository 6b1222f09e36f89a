import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { KubernetesObject } from '../cluster.js';
import { ApiError, badRequest, detailsOf, methodNotAllowed, noSuchPath, notFound } from './api-error.js';
import { createObject } from './create-object.js';
import { deleteObject, type DeleteOptions } from './delete-object.js';
import { isObject } from './json.js';
import { patchObject } from './patch-object.js';
import { replaceObject } from './replace-object.js';
import { apiVersionOf, findType, type ResourceType } from './resource-types.js';
import { fieldSelector, labelSelector, type Selector } from './selectors.js';
import { asTable, wantsTable } from './table.js';
import { openWatch } from './watch.js';
import type { Api, WriteOptions } from './write-object.js';

/** Every object of every type, under the paths of the core group and of the named groups. */
export function resourceRoutes(app: FastifyInstance, api: Api): void {
  app.all<Core>('/api/:version/*', (request, reply) => serve(api, locate('', request.params), request, reply));
  app.all<Named>('/apis/:group/:version/*', (request, reply) =>
    serve(api, locate(request.params.group, request.params), request, reply),
  );
}

interface Core {
  Params: { version: string; '*': string };
}

interface Named {
  Params: { group: string; version: string; '*': string };
}

interface Place {
  type: ResourceType;
  /** Absent: the object has none, or the request is about all. */
  namespace: string | undefined;
  name: string | undefined;
  subresource: string | undefined;
}

interface Query {
  labelSelector?: string;
  fieldSelector?: string;
  fieldManager?: string;
  force?: string;
  dryRun?: string;
  watch?: string;
  resourceVersion?: string;
  timeoutSeconds?: string;
  allowWatchBookmarks?: string;
  sendInitialEvents?: string;
  propagationPolicy?: DeleteOptions['propagationPolicy'];
}

/** `namespaces/{ns}/{plural}/{name}/{subresource}`, or without the namespace. @throws ApiError 404 */
function locate(group: string, params: { version: string; '*': string }): Place {
  const segments = params['*'].split('/').map(decodeURIComponent);
  const scoped = segments[0] === 'namespaces' && segments.length > 2 && !['status', 'finalize'].includes(segments[2] ?? '');
  const [plural = '', name, subresource, more] = scoped ? segments.slice(2) : segments;
  const type = findType(group, params.version, plural);
  if (!type || more !== undefined || type.namespaced !== (scoped || (type.namespaced && name === undefined))) throw noSuchPath();
  if (subresource !== undefined && !(subresource === 'status' && type.status)) throw noSuchPath();
  return { type, namespace: scoped ? segments[1] : undefined, name, subresource };
}

function serve(api: Api, place: Place, request: FastifyRequest, reply: FastifyReply): unknown {
  const query = request.query as Query;
  if (place.name === undefined) return serveCollection(api, place, request, reply, query);
  return serveObject(api, place, place.name, request, reply, query);
}

function serveCollection(api: Api, place: Place, request: FastifyRequest, reply: FastifyReply, query: Query): unknown {
  const { type, namespace } = place;
  switch (request.method) {
    case 'GET':
      return isTrue(query.watch) ? watch(api, place, query, reply) : list(api, place, query, request, reply);
    case 'POST': {
      if (type.namespaced && namespace === undefined) throw methodNotAllowed();
      const created = createObject(api, type, namespace, bodyOf(request), writeOptions(request, query));
      return reply.code(201).send(created);
    }
    case 'DELETE': {
      const doomed = select(api, place, query);
      for (const object of doomed)
        deleteObject(api, type, object.metadata.namespace, object.metadata.name, deleteOptions(request, query));
      return listOf(api, type, doomed);
    }
    default:
      throw methodNotAllowed();
  }
}

function serveObject(api: Api, place: Place, name: string, request: FastifyRequest, reply: FastifyReply, query: Query): unknown {
  const { type, namespace, subresource } = place;
  const options = { ...writeOptions(request, query), ...(subresource === undefined ? {} : { subresource }) };
  switch (request.method) {
    case 'GET': {
      if (isTrue(query.watch)) return watch(api, place, { ...query, fieldSelector: `metadata.name=${name}` }, reply);
      const object = api.objects.get(type, namespace, name);
      if (!object) throw notFound(type, name);
      return wantsTable(request) ? asTable(type, [object], api) : object;
    }
    case 'PUT':
      return replaceObject(api, type, namespace, name, bodyOf(request), options);
    case 'PATCH': {
      const existed = api.objects.get(type, namespace, name) !== undefined;
      const contentType = (request.headers['content-type'] ?? '').split(';')[0]?.trim() ?? '';
      const patch = { contentType, body: request.body, force: isTrue(query.force), fieldManager: query.fieldManager };
      return reply.code(existed ? 200 : 201).send(patchObject(api, type, namespace, name, patch, options));
    }
    case 'DELETE': {
      if (subresource !== undefined) throw methodNotAllowed();
      const { object, gone } = deleteObject(api, type, namespace, name, deleteOptions(request, query));
      return gone ? deleted(type, object) : object;
    }
    default:
      throw methodNotAllowed();
  }
}

function list(api: Api, place: Place, query: Query, request: FastifyRequest, reply: FastifyReply): unknown {
  const objects = select(api, place, query);
  return wantsTable(request) ? reply.send(asTable(place.type, objects, api)) : listOf(api, place.type, objects);
}

function watch(api: Api, { type, namespace }: Place, query: Query, reply: FastifyReply): FastifyReply {
  const stream = openWatch(api, {
    type,
    namespace,
    matches: matcher(query),
    resourceVersion: query.resourceVersion,
    timeoutSeconds: query.timeoutSeconds === undefined ? undefined : Number(query.timeoutSeconds),
    bookmarks: isTrue(query.allowWatchBookmarks),
    sendInitialEvents: isTrue(query.sendInitialEvents),
  });
  // A client waits for the headers, which Node would hold back until the first event.
  stream.once('resume', () => setImmediate(() => reply.raw.flushHeaders()));
  return reply.type('application/json').send(stream);
}

function select(api: Api, { type, namespace }: Place, query: Query): KubernetesObject[] {
  return api.objects.list(type, namespace).filter(matcher(query));
}

function matcher(query: Query): Selector {
  const byLabel = query.labelSelector ? labelSelector(query.labelSelector) : () => true;
  const byField = query.fieldSelector ? fieldSelector(query.fieldSelector) : () => true;
  return (object) => byLabel(object) && byField(object);
}

function listOf(api: Api, type: ResourceType, items: KubernetesObject[]): Record<string, unknown> {
  const metadata = { resourceVersion: String(api.objects.version) };
  return { kind: `${type.kind}List`, apiVersion: apiVersionOf(type), metadata, items };
}

function deleted(type: ResourceType, object: KubernetesObject): Record<string, unknown> {
  const details = { ...detailsOf(type, object.metadata.name), uid: object.metadata.uid };
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details };
}

function bodyOf(request: FastifyRequest): KubernetesObject {
  if (Buffer.isBuffer(request.body)) {
    const accepted = 'application/json, application/yaml';
    const message = `the body of the request was in an unknown format - accepted media types include: ${accepted}`;
    throw new ApiError(415, 'UnsupportedMediaType', message, {});
  }
  if (!isObject(request.body)) throw badRequest('the object provided is unrecognized (must be of type JSON)');
  return request.body as unknown as KubernetesObject;
}

/** Without a field manager in the query it is the client's name, as its User-Agent begins. */
function writeOptions(request: FastifyRequest, query: Query): WriteOptions {
  const agent = (request.headers['user-agent'] ?? 'unknown').split('/')[0] ?? 'unknown';
  return { fieldManager: query.fieldManager || agent, dryRun: query.dryRun === 'All' };
}

function deleteOptions(request: FastifyRequest, query: Query): DeleteOptions {
  const body = (isObject(request.body) ? request.body : {}) as DeleteOptions & { dryRun?: unknown };
  const { preconditions } = body;
  const propagationPolicy = body.propagationPolicy ?? query.propagationPolicy;
  const dryRun = query.dryRun === 'All' || (Array.isArray(body.dryRun) && (body.dryRun as unknown[]).includes('All'));
  return { dryRun, ...(propagationPolicy ? { propagationPolicy } : {}), ...(preconditions ? { preconditions } : {}) };
}

function isTrue(value: string | undefined): boolean {
  return value === 'true' || value === '1';
}
