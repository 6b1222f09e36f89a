import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { KubernetesObject } from '../cluster.js';
import { authorize } from './access/authorize.js';
import { userOf } from './access/door.js';
import { confirmNoEscalation } from './access/escalation.js';
import { forbidden } from './access/forbidden.js';
import { ApiError, detailsOf, methodNotAllowed, notFound } from './api-error.js';
import { bodyOf } from './body-of.js';
import { createObject } from './create-object.js';
import { deleteObject, type DeleteOptions } from './delete-object.js';
import { isObject } from './json.js';
import { type ListQuery, listObjects, matcher } from './list-objects.js';
import { locate, type Place } from './locate.js';
import { patchObject } from './patch-object.js';
import type { FieldValidation } from './read-object.js';
import { replaceObject } from './replace-object.js';
import { type Representation, representationFor } from './representation.js';
import { qualified, type ResourceType } from './resource-types.js';
import { serveSubresource, type Subresources } from './subresource-routes.js';
import { openWatch } from './watch.js';
import type { Api, WriteOptions } from './write-object.js';

/** Every object of every type, under the paths of the core group and of the named groups. */
export function resourceRoutes(app: FastifyInstance, api: Api, subresources: Subresources): void {
  const serve = (place: Place, request: FastifyRequest, reply: FastifyReply) => serveResource(api, subresources, place, request, reply);
  app.all<Core>('/api/:version/*', (request, reply) => serve(locate('', request.params), request, reply));
  app.all<Named>('/apis/:group/:version/*', (request, reply) => serve(locate(request.params.group, request.params), request, reply));
}

interface Core {
  Params: { version: string; '*': string };
}

interface Named {
  Params: { group: string; version: string; '*': string };
}

interface Query extends ListQuery {
  fieldManager?: string;
  fieldValidation?: string;
  force?: string;
  dryRun?: string;
  watch?: string;
  timeoutSeconds?: string;
  allowWatchBookmarks?: string;
  sendInitialEvents?: string;
  propagationPolicy?: DeleteOptions['propagationPolicy'];
  gracePeriodSeconds?: string;
  includeObject?: string;
}

function serveResource(api: Api, subresources: Subresources, place: Place, request: FastifyRequest, reply: FastifyReply): unknown {
  const query = request.query as Query;
  const { name, subresource } = place;
  if (name !== undefined && subresource !== undefined && subresource !== 'status') {
    return serveSubresource(api, subresources, { ...place, name, subresource }, request, reply, writeOptions(api, place.type, request, reply, query));
  }
  const show = representationFor(api, place.type, request.headers.accept, query.includeObject);
  if (name === undefined) return serveCollection(api, place, request, reply, query, show);
  return serveObject(api, place, name, request, reply, query, show);
}

function serveCollection(
  api: Api,
  place: Place,
  request: FastifyRequest,
  reply: FastifyReply,
  query: Query,
  show: Representation,
): unknown {
  const { type, namespace } = place;
  switch (request.method) {
    case 'GET':
      return isTrue(query.watch) ? watch(api, place, query, reply, show) : reply.send(show.list(listObjects(api, type, namespace, query)));
    case 'POST': {
      if (type.namespaced && namespace === undefined) throw methodNotAllowed();
      const created = createObject(api, type, namespace, bodyOf(request), writeOptions(api, type, request, reply, query));
      return reply.code(201).send(show.one(created));
    }
    case 'DELETE': {
      const page = listObjects(api, type, namespace, query);
      for (const object of page.items)
        deleteObject(api, type, object.metadata.namespace, object.metadata.name, deleteOptions(request, query));
      return reply.send(show.list(page));
    }
    default:
      throw methodNotAllowed();
  }
}

function serveObject(
  api: Api,
  place: Place,
  name: string,
  request: FastifyRequest,
  reply: FastifyReply,
  query: Query,
  show: Representation,
): unknown {
  const { type, namespace, subresource } = place;
  const options = { ...writeOptions(api, type, request, reply, query), ...(subresource === undefined ? {} : { subresource }) };
  switch (request.method) {
    case 'GET': {
      if (isTrue(query.watch)) return watch(api, place, { ...query, fieldSelector: `metadata.name=${name}` }, reply, show);
      const object = api.objects.get(type, namespace, name);
      if (!object) throw notFound(type, name);
      return reply.send(show.one(object));
    }
    case 'PUT':
      return reply.send(show.one(replaceObject(api, type, namespace, name, bodyOf(request), options)));
    case 'PATCH': {
      const existed = api.objects.get(type, namespace, name) !== undefined;
      const contentType = (request.headers['content-type'] ?? '').split(';')[0]?.trim() ?? '';
      if (!existed && contentType.startsWith('application/apply-patch')) mayCreate(api, place, name, request);
      const patch = { contentType, body: request.body, force: isTrue(query.force), fieldManager: query.fieldManager };
      return reply.code(existed ? 200 : 201).send(show.one(patchObject(api, type, namespace, name, patch, options)));
    }
    case 'DELETE': {
      if (subresource !== undefined) throw methodNotAllowed();
      const { object, gone } = deleteObject(api, type, namespace, name, deleteOptions(request, query));
      return reply.send(gone ? deleted(type, object) : show.one(object));
    }
    default:
      throw methodNotAllowed();
  }
}

/** An apply that finds nothing to patch creates it, which is a right of its own. @throws ApiError 403 */
function mayCreate(api: Api, { type, namespace = '' }: Place, name: string, request: FastifyRequest): void {
  const { group, version, plural: resource } = type;
  const attributes = { verb: 'create', group, version, resource, subresource: '', namespace, name };
  const { allowed, reason } = authorize(api, userOf(request), attributes);
  if (!allowed) throw forbidden(userOf(request), attributes, reason);
}

function watch(api: Api, { type, namespace }: Place, query: Query, reply: FastifyReply, show: Representation): FastifyReply {
  const sendInitialEvents = isTrue(query.sendInitialEvents);
  if (sendInitialEvents && query.resourceVersionMatch !== 'NotOlderThan') throw needsMatch();
  const thing = [namespace, qualified(type)].filter(Boolean).join('/');
  const drop = api.faults.draw('kubernetes', 'watch-dropped', thing);
  const versioned = !sendInitialEvents && !['', '0'].includes(query.resourceVersion ?? '');
  const stream = openWatch(api, {
    type,
    namespace,
    matches: matcher(query),
    resourceVersion: query.resourceVersion,
    timeoutSeconds: query.timeoutSeconds === undefined ? undefined : Number(query.timeoutSeconds),
    bookmarks: isTrue(query.allowWatchBookmarks),
    sendInitialEvents,
    represent: (object) => show.watched(object),
    dropAfterMs: drop && (drop.delayMs ?? 0),
    expired: versioned && api.faults.draw('kubernetes', 'watch-expired', thing) !== undefined,
  });
  // A client waits for the headers, which Node would hold back until the first event.
  stream.once('resume', () => setImmediate(() => reply.raw.flushHeaders()));
  return reply.type('application/json').send(stream);
}

function needsMatch(): ApiError {
  const message = 'Forbidden: resourceVersionMatch is required to be set to NotOlderThan when sendInitialEvents is set to true';
  const cause = { reason: 'FieldValueForbidden', message, field: 'resourceVersionMatch' };
  const details = { group: 'meta.k8s.io', kind: 'ListOptions', causes: [cause] };
  return new ApiError(422, 'Invalid', `ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: ${message}`, details);
}

function deleted(type: ResourceType, object: KubernetesObject): Record<string, unknown> {
  const details = { ...detailsOf(type, object.metadata.name), uid: object.metadata.uid };
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details };
}

/** Without a field manager in the query it is the client's name, as its User-Agent begins. */
function writeOptions(api: Api, type: ResourceType, request: FastifyRequest, reply: FastifyReply, query: Query): WriteOptions {
  const agent = (request.headers['user-agent'] ?? 'unknown').split('/')[0] ?? 'unknown';
  return {
    fieldManager: query.fieldManager || agent,
    dryRun: dryRun(query.dryRun),
    validation: fieldValidation(query.fieldValidation, reply),
    admit: (object) => confirmNoEscalation(api, userOf(request), type, object),
  };
}

/** What a request does not say is warned about, since 1.27. @throws ApiError 422 */
function fieldValidation(given: string | undefined, reply: FastifyReply): FieldValidation {
  const directive = given === undefined || given === '' ? 'Warn' : given;
  if (directive !== 'Strict' && directive !== 'Warn' && directive !== 'Ignore') {
    throw invalidOption('fieldValidation', directive, '"Ignore", "Warn", "Strict"');
  }
  const warnings: string[] = [];
  return {
    directive,
    warn: (message) => {
      warnings.push(`299 - ${JSON.stringify(message)}`);
      void reply.header('warning', warnings);
    },
  };
}

/** @throws ApiError 422 */
function dryRun(given: string | undefined): boolean {
  if (given !== undefined && given !== '' && given !== 'All') throw invalidOption('dryRun', given, '"All"');
  return given === 'All';
}

function invalidOption(field: string, value: string, supported: string): ApiError {
  const shown = field === 'dryRun' ? JSON.stringify([value]) : JSON.stringify(value);
  const cause = { reason: 'FieldValueNotSupported', message: `Unsupported value: ${shown}: supported values: ${supported}`, field };
  const details = { group: 'meta.k8s.io', kind: 'CreateOptions', causes: [cause] };
  return new ApiError(422, 'Invalid', `CreateOptions.meta.k8s.io "" is invalid: ${field}: ${cause.message}`, details);
}

function deleteOptions(request: FastifyRequest, query: Query): DeleteOptions {
  const body = (isObject(request.body) ? request.body : {}) as DeleteOptions & { dryRun?: unknown };
  const { preconditions } = body;
  const propagationPolicy = body.propagationPolicy ?? query.propagationPolicy;
  const dry = dryRun(query.dryRun) || (Array.isArray(body.dryRun) && (body.dryRun as unknown[]).includes('All'));
  return { dryRun: dry, ...(propagationPolicy ? { propagationPolicy } : {}), ...(preconditions ? { preconditions } : {}) };
}

function isTrue(value: string | undefined): boolean {
  return value === 'true' || value === '1';
}
