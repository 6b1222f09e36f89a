import { apiVersionOf, type ResourceType } from '../resource-types.js';

export function pathOf(type: ResourceType): string {
  return type.group === '' ? `api/${type.version}` : `apis/${apiVersionOf(type)}`;
}

export function objectPath(type: ResourceType): string {
  return `/${pathOf(type)}/${type.namespaced ? 'namespaces/{namespace}/' : ''}${type.plural}/{name}`;
}

export function gvk({ group, version, kind }: ResourceType): { group: string; version: string; kind: string } {
  return { group, version, kind };
}

/** As the schemas of the projects are called: `io.k8s.api.apps.v1.Deployment`, `io.argoproj.v1alpha1.Application`. */
export function schemaName({ group, version, kind, custom }: ResourceType): string {
  if (custom) return `${group.split('.').reverse().join('.')}.${version}.${kind}`;
  if (group === 'apiextensions.k8s.io') return `io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.${version}.${kind}`;
  return `io.k8s.api.${group === '' ? 'core' : (group.split('.')[0] ?? group)}.${version}.${kind}`;
}
