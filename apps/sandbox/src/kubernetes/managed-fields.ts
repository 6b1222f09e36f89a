import { isDeepStrictEqual } from 'node:util';
import type { KubernetesObject } from '../cluster.js';
import { fieldsOf, fromFieldsV1, toFieldsV1 } from './field-set.js';
import type { JsonObject } from './json.js';
import { apiVersionOf, type ResourceType } from './resource-types.js';
import { schemaOf } from './schemas/schema.js';

/** An entry of metadata.managedFields, its fields as a set of paths. */
export interface Owner {
  manager: string;
  operation: 'Apply' | 'Update';
  apiVersion: string;
  time: string;
  subresource?: string;
  paths: Set<string>;
}

export function ownersOf(object: KubernetesObject | undefined): Owner[] {
  const entries = (object?.metadata['managedFields'] ?? []) as (Omit<Owner, 'paths'> & { fieldsV1: JsonObject })[];
  return entries.map(({ fieldsV1, manager, operation, apiVersion, time, subresource }) => ({
    ...{ manager, operation, apiVersion, time, paths: fromFieldsV1(fieldsV1) },
    ...(subresource === undefined ? {} : { subresource }),
  }));
}

/** The object, read from disk, with its owned fields shared with those that own the same. */
export function withSharedFields(object: KubernetesObject): KubernetesObject {
  return object.metadata['managedFields'] === undefined ? object : withOwners(object, ownersOf(object));
}

/** The object with these owners; one that owns nothing any more is left out. */
export function withOwners(object: KubernetesObject, owners: Owner[]): KubernetesObject {
  const managedFields = owners
    .filter((owner) => owner.paths.size > 0)
    .map(({ paths, manager, operation, apiVersion, time, subresource }) => ({
      ...{ manager, operation, apiVersion, time, fieldsType: 'FieldsV1', fieldsV1: toFieldsV1(paths) },
      ...(subresource === undefined ? {} : { subresource }),
    }));
  return { ...object, metadata: { ...object.metadata, managedFields } };
}

/**
 * Who owns what after a write that is no apply: whoever writes another value takes the field from everyone else. What the write
 * removed is nobody's.
 */
export function trackUpdate(
  type: ResourceType,
  before: KubernetesObject | undefined,
  after: KubernetesObject,
  by: { manager: string; time: string; subresource?: string },
): KubernetesObject {
  const schema = schemaOf(type);
  const old = before ? fieldsOf(before as unknown as JsonObject, schema) : new Map();
  const now = fieldsOf(after as unknown as JsonObject, schema);
  const changed = [...now].filter(([path, value]) => !isDeepStrictEqual(old.get(path), value)).map(([path]) => path);
  const owners = ownersOf(before && after);
  for (const owner of owners) {
    const keeps = owner.operation === 'Update' && owner.manager === by.manager && owner.subresource === by.subresource;
    for (const path of owner.paths) {
      if (!now.has(path) || (!keeps && changed.includes(path))) owner.paths.delete(path);
    }
  }
  if (changed.length > 0) claim(owners, { ...by, operation: 'Update', apiVersion: apiVersionOf(type), paths: new Set(changed) });
  return withOwners(after, owners);
}

/** Adds the paths to the entry of the same manager, operation and subresource, or adds that entry. */
export function claim(owners: Owner[], claimed: Owner): void {
  const own = owners.find(
    (owner) =>
      owner.manager === claimed.manager && owner.operation === claimed.operation && owner.subresource === claimed.subresource,
  );
  if (!own) {
    owners.push(claimed);
    return;
  }
  for (const path of claimed.paths) own.paths.add(path);
  own.time = claimed.time;
}
