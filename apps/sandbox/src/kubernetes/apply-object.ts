import { isDeepStrictEqual } from 'node:util';
import type { KubernetesObject } from '../cluster.js';
import { ApiError, notFound, type Cause } from './api-error.js';
import { admitToNamespace, checkIdentity } from './create-object.js';
import { displayPath, fieldsOf, segmentsOf, type FieldSet } from './field-set.js';
import { without, type JsonObject } from './json.js';
import { claim, ownersOf, withOwners, type Owner } from './managed-fields.js';
import { mergeApplied, removePath } from './merge-applied.js';
import { readApplied } from './read-object.js';
import { apiVersionOf, hasStatus, type ResourceType } from './resource-types.js';
import { schemaOf } from './schemas/schema.js';
import { keepServerFields, newObject, timestamp, writeObject, type Api, type WriteOptions } from './write-object.js';

/**
 * Server-side apply: makes the object, or merges into it what the manager wants of it now, and takes away what it wanted before
 * and nobody else does.
 *
 * @throws ApiError 409 naming each field that another manager owns with another value, unless `force`.
 */
export function applyObject(
  api: Api,
  type: ResourceType,
  namespace: string | undefined,
  name: string,
  applied: KubernetesObject,
  options: WriteOptions & { force: boolean },
): KubernetesObject {
  const named = { ...applied, metadata: { ...applied.metadata, name } };
  checkIdentity(type, namespace, named);
  const config = readApplied(type, named, namespace);
  const before = api.objects.get(type, namespace, name);
  if (!before && options.subresource !== undefined) throw notFound(type, name);
  if (!before) return createByApply(api, type, namespace, config, options);
  const wanted = wantedFields(type, config, options);
  const owners = ownersOf(before);
  const conflicts = findConflicts(before, type, wanted, owners, options);
  if (conflicts.length > 0 && !options.force) throw conflictError(conflicts);
  for (const { owner, path } of conflicts) owner.paths.delete(path);

  const merged = mergeApplied(before as unknown as JsonObject, visible(config, type, options) as JsonObject, schemaOf(type));
  const released = releaseFields(merged as unknown as KubernetesObject, owners, wanted, options);
  takeOver(owners, type, wanted, api, options);
  const after = withOwners(keepServerFields(type, before, released), owners);
  return writeObject(api, type, before, after, { ...options, owned: true });
}

function createByApply(
  api: Api,
  type: ResourceType,
  namespace: string | undefined,
  config: KubernetesObject,
  options: WriteOptions,
): KubernetesObject {
  admitToNamespace(api, type, namespace, config.metadata.name);
  const created = newObject(api, type, config, namespace);
  const owners: Owner[] = [];
  takeOver(owners, type, wantedFields(type, config, options), api, options);
  return writeObject(api, type, undefined, withOwners(created, owners), { ...options, owned: true });
}

interface Conflict {
  owner: Owner;
  path: string;
}

function findConflicts(
  live: KubernetesObject,
  type: ResourceType,
  wanted: FieldSet,
  owners: Owner[],
  by: WriteOptions,
): Conflict[] {
  const current = fieldsOf(live as unknown as JsonObject, schemaOf(type));
  const others = owners.filter((owner) => !isOwnEntry(owner, by));
  const conflicts: Conflict[] = [];
  for (const [path, value] of wanted) {
    if (isDeepStrictEqual(current.get(path), value)) continue;
    for (const owner of others) {
      if (owner.paths.has(path)) conflicts.push({ owner, path });
    }
  }
  return conflicts;
}

function conflictError(conflicts: Conflict[]): ApiError {
  const causes: Cause[] = conflicts.map(({ owner, path }) => ({
    reason: 'FieldManagerConflict',
    message: `conflict with ${describe(owner)}`,
    field: displayPath(path),
  }));
  return new ApiError(409, 'Conflict', `Apply failed with ${summary(conflicts)}`, { causes });
}

/** The wording of the API server: one conflict on one line, several as a list for each manager. */
function summary(conflicts: Conflict[]): string {
  const [only] = conflicts;
  if (only && conflicts.length === 1) return `1 conflict: conflict with ${describe(only.owner)}: ${displayPath(only.path)}`;
  const byManager = Map.groupBy(conflicts, ({ owner }) => describe(owner));
  const lists = [...byManager].sort(([a], [b]) => (a < b ? -1 : 1)).map(([manager, of]) => {
    return `conflicts with ${manager}:\n${of.map(({ path }) => `- ${displayPath(path)}`).join('\n')}`;
  });
  return `${conflicts.length} conflicts: ${lists.join('\n')}`;
}

function describe(owner: Owner): string {
  const subresource = owner.subresource === undefined ? '' : ` with subresource "${owner.subresource}"`;
  const operation = owner.operation === 'Update' ? ` using ${owner.apiVersion}` : '';
  return `"${owner.manager}"${subresource}${operation}`;
}

/** The object without what the manager applied before and does not any more, unless someone else owns it too. */
function releaseFields(object: KubernetesObject, owners: Owner[], wanted: FieldSet, by: WriteOptions): KubernetesObject {
  const own = owners.find((owner) => isOwnEntry(owner, by));
  let result = object;
  for (const path of own?.paths ?? []) {
    if (wanted.has(path)) continue;
    own?.paths.delete(path);
    if (owners.some((owner) => owner.paths.has(path))) continue;
    result = (removePath(result as unknown as JsonObject, segmentsOf(path)) ?? {}) as unknown as KubernetesObject;
  }
  return result;
}

function isOwnEntry(owner: Owner, { fieldManager, subresource }: WriteOptions): boolean {
  return owner.manager === fieldManager && owner.operation === 'Apply' && owner.subresource === subresource;
}

function takeOver(
  owners: Owner[],
  type: ResourceType,
  wanted: FieldSet,
  api: Api,
  { fieldManager, subresource }: WriteOptions,
): void {
  claim(owners, {
    manager: fieldManager,
    operation: 'Apply',
    apiVersion: apiVersionOf(type),
    time: timestamp(api),
    paths: new Set(wanted.keys()),
    ...(subresource === undefined ? {} : { subresource }),
  });
}

function wantedFields(type: ResourceType, config: KubernetesObject, options: WriteOptions): FieldSet {
  return fieldsOf(visible(config, type, options) as JsonObject, schemaOf(type));
}

/** What this door lets through: the status only by its own, and then nothing else. */
function visible(config: KubernetesObject, type: ResourceType, { subresource }: WriteOptions): unknown {
  if (subresource === 'status') return { status: config['status'] };
  const { status, ...rest } = without(foldStringData(type, config), 'apiVersion', 'kind');
  return hasStatus(type) || status === undefined ? rest : { ...rest, status };
}

/** stringData is write-only: what is stored, owned and compared is data. */
function foldStringData(type: ResourceType, config: KubernetesObject): KubernetesObject {
  if (type.kind !== 'Secret' || config['stringData'] === undefined) return config;
  const { stringData, ...rest } = config;
  const encoded = Object.entries((stringData ?? {}) as Record<string, string>).map(([key, text]) => [
    key,
    Buffer.from(String(text)).toString('base64'),
  ]);
  return { ...rest, data: { ...(rest['data'] ?? {}), ...Object.fromEntries(encoded) } };
}
