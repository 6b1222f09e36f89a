import type { KubernetesObject } from '../cluster.js';
import { ApiError } from './api-error.js';
import type { Page } from './list-objects.js';
import { apiVersionOf, type ResourceType } from './resource-types.js';
import { tableOf } from './table.js';
import type { Api } from './write-object.js';

/** How a client wants to see objects, as its Accept header asks. */
export interface Representation {
  one(object: KubernetesObject): unknown;
  /** An object within a watch: the columns of a table are told in its first event alone. */
  watched(object: KubernetesObject): unknown;
  list(page: Page): unknown;
}

/** @throws ApiError 406 where the client takes nothing that is here. */
export function representationFor(api: Api, type: ResourceType, accept: string | undefined, includeObject: string | undefined): Representation {
  for (const wanted of (accept ?? '*/*').split(',').map(readMediaType)) {
    if (wanted.as === 'Table') return asTable(api, type, includeObject ?? 'Metadata');
    if (wanted.as?.startsWith('PartialObjectMetadata')) return asMetadata();
    if (wanted.as === undefined && ['application/json', 'application/*', '*/*'].includes(wanted.type)) return asItself(type);
  }
  const message = 'only the following media types are accepted: application/json, application/yaml, application/vnd.kubernetes.protobuf';
  throw new ApiError(406, 'NotAcceptable', message, {});
}

function readMediaType(text: string): { type: string; as: string | undefined } {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim());
  const as = parameters.find((parameter) => parameter.startsWith('as='))?.slice(3);
  return { type: type.toLowerCase(), as: as !== undefined && type.endsWith('json') ? as : as && 'unknown' };
}

function asItself(type: ResourceType): Representation {
  return {
    one: (object) => object,
    watched: (object) => object,
    list: ({ items, metadata }) => ({ kind: `${type.kind}List`, apiVersion: apiVersionOf(type), metadata, items }),
  };
}

function asMetadata(): Representation {
  const partial = ({ metadata }: KubernetesObject) => ({ kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata });
  return {
    one: partial,
    watched: partial,
    list: ({ items, metadata }) => {
      return { kind: 'PartialObjectMetadataList', apiVersion: 'meta.k8s.io/v1', metadata, items: items.map(partial) };
    },
  };
}

function asTable(api: Api, type: ResourceType, include: string): Representation {
  const one = (object: KubernetesObject) => tableOf(api, type, [object], { resourceVersion: object.metadata.resourceVersion ?? '' }, include);
  let begun = false;
  return {
    one,
    watched: (object) => {
      const table = one(object);
      if (begun) return { ...table, columnDefinitions: null };
      begun = true;
      return table;
    },
    list: ({ items, metadata }) => tableOf(api, type, items, metadata, include),
  };
}
