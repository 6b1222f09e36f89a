import { ClusterError, type Cluster } from '../cluster.js';
import type { ServiceAccountTokens } from './access/service-account-tokens.js';
import { requestToken } from './access/token-request.js';
import { applyObject } from './apply-object.js';
import { deleteObject } from './delete-object.js';
import { recordEvent } from './controllers/events.js';
import { textAt } from './json.js';
import { findKind, type ResourceType } from './resource-types.js';
import type { Api } from './write-object.js';

/** The cluster as the other stand-ins use it: the same operations as over HTTP, past authentication. */
export function openCluster(api: Api, tokens: ServiceAccountTokens): Cluster {
  return {
    apply: async (manifest, options) => {
      const type = kindOf(manifest.apiVersion, manifest.kind);
      const namespace = type.namespaced ? (manifest.metadata.namespace ?? 'default') : undefined;
      return applyObject(api, type, namespace, manifest.metadata.name, manifest, options);
    },
    get: (apiVersion, kind, namespace, name) => {
      const type = kindOf(apiVersion, kind);
      return api.objects.get(type, type.namespaced ? namespace : undefined, name);
    },
    list: (apiVersion, kind, namespace) => api.objects.list(kindOf(apiVersion, kind), namespace),
    delete: async (apiVersion, kind, namespace, name) => {
      const type = kindOf(apiVersion, kind);
      const scope = type.namespaced ? namespace : undefined;
      if (api.objects.get(type, scope, name)) deleteObject(api, type, scope, name);
    },
    createToken: async (namespace, serviceAccount, audiences) => {
      const request = await requestToken(api, tokens, namespace, serviceAccount, { spec: { audiences } });
      return textAt(request, 'status', 'token') ?? '';
    },
    recordEvent: (about, type, reason, message, component) => recordEvent(api, about, type, reason, message, component),
    onChange: (listener) => api.objects.onChange(({ event, object }) => listener(event, object)),
  };
}

/** Worded as a client's REST mapper does, which is what a cluster's users see for a kind that it lacks. */
function kindOf(apiVersion: string, kind: string): ResourceType {
  const type = findKind(apiVersion, kind);
  if (type) return type;
  throw new ClusterError(404, 'NotFound', `no matches for kind "${kind}" in version "${apiVersion}"`);
}
