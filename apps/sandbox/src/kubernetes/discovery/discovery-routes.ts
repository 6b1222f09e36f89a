import { createHash } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { REVIEW_TYPES } from '../access/review-types.js';
import { apiVersionOf, RESOURCE_TYPES, type ResourceType } from '../resource-types.js';

const VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];
const READ_AND_WRITE = ['get', 'patch', 'update'];

/** What clients ask first: the version, the groups and the resources, group by group or all in one. */
export function discoveryRoutes(app: FastifyInstance, serverAddress: string): void {
  app.get('/version', () => ({
    major: '1',
    minor: '34',
    emulationMajor: '1',
    emulationMinor: '34',
    minCompatibilityMajor: '1',
    minCompatibilityMinor: '33',
    gitVersion: 'v1.34.1+slipway-sandbox',
    gitCommit: '',
    gitTreeState: 'clean',
    buildDate: '2025-01-01T00:00:00Z',
    goVersion: '',
    compiler: '',
    platform: 'linux/amd64',
  }));
  for (const path of ['/healthz', '/livez', '/readyz']) app.get(path, (_request, reply) => reply.type('text/plain').send('ok'));
  const legacy = { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress }] };
  app.get('/api', (request, reply) => aggregatedOr(legacy, [{ name: '', version: 'v1' }], request, reply));
  const groups = namedGroups();
  const list = { kind: 'APIGroupList', apiVersion: 'v1', groups: groups.map(apiGroup) };
  app.get('/apis', (request, reply) => aggregatedOr(list, groups, request, reply));
  app.get('/api/v1', () => resourceList('', 'v1'));
  for (const group of groups) {
    app.get(`/apis/${group.name}`, () => ({ kind: 'APIGroup', apiVersion: 'v1', ...apiGroup(group) }));
    app.get(`/apis/${group.name}/${group.version}`, () => resourceList(group.name, group.version));
  }
}

interface Group {
  name: string;
  version: string;
}

/** Each group but the core, with its one version. */
function namedGroups(): Group[] {
  const found = new Map<string, Group>();
  for (const { group, version } of [...RESOURCE_TYPES, ...REVIEW_TYPES]) if (group !== '') found.set(group, { name: group, version });
  return [...found.values()];
}

/** Clients since 1.26 ask for everything at once; `v2beta1` is how the first of them called it. */
function aggregatedOr(legacy: object, groups: Group[], request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const version = /g=apidiscovery\.k8s\.io;v=(v2beta1|v2)\b/.exec((request.headers.accept ?? '').replaceAll(' ', ''))?.[1];
  const type = version === undefined ? 'application/json' : `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`;
  const body = version === undefined ? legacy : aggregated(groups, version);
  const text = JSON.stringify(body);
  const etag = `"${createHash('sha256').update(text).digest('hex').slice(0, 32).toUpperCase()}"`;
  void reply.headers({ etag, vary: 'Accept', 'content-type': type });
  return request.headers['if-none-match'] === etag ? reply.code(304).send() : reply.send(Buffer.from(text));
}

function aggregated(groups: Group[], version: string): object {
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: `apidiscovery.k8s.io/${version}`,
    metadata: {},
    items: groups.map((group) => ({
      metadata: { ...(group.name === '' ? {} : { name: group.name }), creationTimestamp: null },
      versions: [{ version: group.version, freshness: 'Current', resources: discoveredResources(group) }],
    })),
  };
}

function discoveredResources({ name, version }: Group): object[] {
  const types = RESOURCE_TYPES.filter((type) => type.group === name && type.version === version);
  const stored = types.map((type) => ({
    resource: type.plural,
    responseKind: kindOf(type),
    scope: type.namespaced ? 'Namespaced' : 'Cluster',
    singularResource: type.singular,
    verbs: VERBS,
    ...(type.shortNames.length > 0 ? { shortNames: type.shortNames } : {}),
    ...(type.categories.length > 0 ? { categories: type.categories } : {}),
    ...(type.subresources.length > 0
      ? { subresources: type.subresources.map((subresource) => ({ subresource, ...subresourceOf(type, subresource) })) }
      : {}),
  }));
  const asked = REVIEW_TYPES.filter(({ group }) => group === name).map((type) => ({
    resource: type.plural,
    responseKind: kindOf(type),
    scope: type.namespaced ? 'Namespaced' : 'Cluster',
    singularResource: type.singular,
    verbs: ['create'],
  }));
  return [...stored, ...asked];
}

function subresourceOf(type: ResourceType, subresource: string): { responseKind: object; verbs: string[] } {
  switch (subresource) {
    case 'scale':
      return { responseKind: { group: 'autoscaling', version: 'v1', kind: 'Scale' }, verbs: READ_AND_WRITE };
    case 'token':
      return { responseKind: { group: 'authentication.k8s.io', version: 'v1', kind: 'TokenRequest' }, verbs: ['create'] };
    case 'eviction':
      return { responseKind: { group: 'policy', version: 'v1', kind: 'Eviction' }, verbs: ['create'] };
    case 'log':
      return { responseKind: kindOf(type), verbs: ['get'] };
    case 'finalize':
      return { responseKind: kindOf(type), verbs: ['update'] };
    default:
      return { responseKind: kindOf(type), verbs: READ_AND_WRITE };
  }
}

function kindOf({ group, version, kind }: { group: string; version: string; kind: string }) {
  return { group, version, kind };
}

function apiGroup({ name, version }: Group): Record<string, unknown> {
  const preferred = { groupVersion: `${name}/${version}`, version };
  return { name, versions: [preferred], preferredVersion: preferred };
}

function resourceList(group: string, version: string): Record<string, unknown> {
  const types = RESOURCE_TYPES.filter((type) => type.group === group && type.version === version);
  const asked = REVIEW_TYPES.filter((type) => type.group === group).map(({ kind, plural, singular, namespaced }) => {
    return { name: plural, singularName: singular, namespaced, kind, verbs: ['create'] };
  });
  const resources = [...types.flatMap(resourcesOf), ...asked];
  return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion: apiVersionOf({ group, version }), resources };
}

function resourcesOf(type: ResourceType): Record<string, unknown>[] {
  const { kind, plural, singular, namespaced, shortNames, categories } = type;
  const main = { name: plural, singularName: singular, namespaced, kind, verbs: VERBS, shortNames, categories };
  const below = type.subresources.map((subresource) => {
    const { responseKind, verbs } = subresourceOf(type, subresource);
    return { name: `${plural}/${subresource}`, singularName: '', namespaced, ...responseKind, verbs };
  });
  return [main, ...below];
}
