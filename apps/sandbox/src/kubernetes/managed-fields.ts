import { isDeepStrictEqual } from 'node:util';
import type { KubernetesObject } from '../cluster.js';
import { fieldsOf, fromFieldsV1, ownsPath, toFieldsV1 } from './field-set.js';
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

type Entry = Omit<Owner, 'paths'> & { fieldsType: string; fieldsV1: JsonObject };

export function ownersOf(object: KubernetesObject): Owner[] {
  return entriesOf(object).map(({ fieldsV1, manager, operation, apiVersion, time, subresource }) => ({
    ...{ manager, operation, apiVersion, time, paths: fromFieldsV1(fieldsV1) },
    ...(subresource === undefined ? {} : { subresource }),
  }));
}

function entriesOf(object: KubernetesObject): Entry[] {
  return (object.metadata['managedFields'] ?? []) as Entry[];
}

/** The object, read from disk, with its owned fields shared with those that own the same. */
export function withSharedFields(object: KubernetesObject): KubernetesObject {
  return object.metadata['managedFields'] === undefined ? object : withOwners(object, ownersOf(object));
}

/** The object with these owners; one that owns nothing any more is left out. */
export function withOwners(object: KubernetesObject, owners: Owner[]): KubernetesObject {
  const managedFields = owners.filter((owner) => owner.paths.size > 0).map(entryOf);
  return { ...object, metadata: { ...object.metadata, managedFields } };
}

function entryOf({ paths, manager, operation, apiVersion, time, subresource }: Owner): Entry {
  return {
    ...{ manager, operation, apiVersion, time, fieldsType: 'FieldsV1', fieldsV1: toFieldsV1(paths) },
    ...(subresource === undefined ? {} : { subresource }),
  };
}

/**
 * Who owns what after a write that is no apply: whoever writes another value takes the field from everyone else. What the write
 * removed is nobody's. Most writes report a status anew: what they leave as it was is not looked through, field by field.
 */
export function trackUpdate(
  type: ResourceType,
  before: KubernetesObject | undefined,
  after: KubernetesObject,
  by: { manager: string; time: string; subresource?: string },
): KubernetesObject {
  const written = Object.keys({ ...before, ...after }).filter((name) => !isDeepStrictEqual(before?.[name], after[name]));
  const schema = schemaOf(type);
  const old = fieldsOf(only(before, written), schema);
  const now = fieldsOf(only(after, written), schema);
  const changed = [...now].filter(([path, value]) => !isDeepStrictEqual(old.get(path), value)).map(([path]) => path);
  const removed = [...old.keys()].filter((path) => !now.has(path));
  const entries = before ? entriesAsKept(before, after) : [];
  const writer = { ...by, operation: 'Update' as const };
  const managedFields = entries.flatMap((entry) =>
    isSameOwner(entry, writer) ? rewrite(entry, removed, changed, by.time) : rewrite(entry, [...removed, ...changed]),
  );
  if (changed.length > 0 && !entries.some((entry) => isSameOwner(entry, writer))) {
    managedFields.push(entryOf({ ...writer, apiVersion: apiVersionOf(type), paths: new Set(changed) }));
  }
  return { ...after, metadata: { ...after.metadata, managedFields } };
}

/** Those that somebody wrote by hand are read first: an empty one, by which all are cleared, is none. */
function entriesAsKept(before: KubernetesObject, after: KubernetesObject): Entry[] {
  const untouched = entriesOf(after) === before.metadata['managedFields'];
  return entriesOf(untouched ? after : withSharedFields(after));
}

function only(object: KubernetesObject | undefined, names: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(object ?? {}).filter(([name]) => names.includes(name))) as JsonObject;
}

/** The entry without what it lost and with what it won, at that time; none where nothing is left. What neither touches stays the same. */
function rewrite(entry: Entry, lost: readonly string[], won: readonly string[] = [], time = entry.time): Entry[] {
  const { fieldsV1 } = entry;
  const dated = won.length > 0 ? { ...entry, time } : entry;
  if (!lost.some((path) => ownsPath(fieldsV1, path)) && won.every((path) => ownsPath(fieldsV1, path))) return [dated];
  const paths = fromFieldsV1(fieldsV1).difference(new Set(lost)).union(new Set(won));
  return paths.size > 0 ? [{ ...dated, fieldsV1: toFieldsV1(paths) }] : [];
}

/** Adds the paths to the entry of the same manager, operation and subresource, or adds that entry. */
export function claim(owners: Owner[], claimed: Owner): void {
  const own = owners.find((owner) => isSameOwner(owner, claimed));
  if (!own) {
    owners.push(claimed);
    return;
  }
  for (const path of claimed.paths) own.paths.add(path);
  own.time = claimed.time;
}

type Identity = Pick<Owner, 'manager' | 'operation' | 'subresource'>;

function isSameOwner(one: Identity, other: Identity): boolean {
  return one.manager === other.manager && one.operation === other.operation && one.subresource === other.subresource;
}
