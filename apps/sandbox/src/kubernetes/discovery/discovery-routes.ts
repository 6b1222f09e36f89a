import type { FastifyInstance } from 'fastify';
import { apiVersionOf, RESOURCE_TYPES, type ResourceType } from './resource-types.js';
import { ACCESS_REVIEW } from './access-review.js';

const VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];

/** What clients ask first: the version, the groups and the resources. The aggregated form is not offered; clients fall back. */
export function discoveryRoutes(app: FastifyInstance, serverAddress: string): void {
  app.get('/version', () => ({
    major: '1',
    minor: '32',
    gitVersion: 'v1.32.0+slipway-sandbox',
    gitCommit: '',
    gitTreeState: 'clean',
    buildDate: '2025-01-01T00:00:00Z',
    goVersion: '',
    compiler: '',
    platform: 'linux/amd64',
  }));
  for (const path of ['/healthz', '/livez', '/readyz']) app.get(path, (_request, reply) => reply.type('text/plain').send('ok'));
  app.get('/api', () => ({
    kind: 'APIVersions',
    versions: ['v1'],
    serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress }],
  }));
  app.get('/apis', () => ({ kind: 'APIGroupList', apiVersion: 'v1', groups: groups().map(apiGroup) }));
  app.get('/api/v1', () => resourceList('', 'v1'));
  for (const group of groups()) {
    app.get(`/apis/${group.name}`, () => ({ kind: 'APIGroup', apiVersion: 'v1', ...apiGroup(group) }));
    app.get(`/apis/${group.name}/${group.version}`, () => resourceList(group.name, group.version));
  }
}

interface Group {
  name: string;
  version: string;
}

/** Each group but the core, with its one version. */
function groups(): Group[] {
  const found = new Map<string, Group>();
  for (const { group, version } of [...RESOURCE_TYPES, ACCESS_REVIEW])
    if (group !== '') found.set(group, { name: group, version });
  return [...found.values()];
}

function apiGroup({ name, version }: Group): Record<string, unknown> {
  const preferred = { groupVersion: `${name}/${version}`, version };
  return { name, versions: [preferred], preferredVersion: preferred };
}

function resourceList(group: string, version: string): Record<string, unknown> {
  const types = RESOURCE_TYPES.filter((type) => type.group === group && type.version === version);
  const resources = types.flatMap(resourcesOf);
  if (group === ACCESS_REVIEW.group) {
    const { kind, plural, singular } = ACCESS_REVIEW;
    resources.push({ name: plural, singularName: singular, namespaced: false, kind, verbs: ['create'] });
  }
  return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion: apiVersionOf({ group, version }), resources };
}

function resourcesOf(type: ResourceType): Record<string, unknown>[] {
  const { kind, plural, singular, namespaced, shortNames } = type;
  const main = { name: plural, singularName: singular, namespaced, kind, verbs: VERBS, shortNames };
  if (!type.status) return [main];
  return [main, { name: `${plural}/status`, singularName: '', namespaced, kind, verbs: ['get', 'patch', 'update'] }];
}
