import type { KubernetesObject } from '../cluster.js';
import { NoSecret, ReadFailure } from './akeyless-reader.js';
import { specOf } from './external-secret.js';
import type { SecretReader, Stores } from './stores.js';

export interface ProviderData {
  values: Record<string, string>;
  /** What the provider does not have, where the deletion policy lets that pass. */
  missing: string[];
}

/**
 * Everything an ExternalSecret asks for. Each entry of `data` is fetched by itself, even where several name the same secret: of a
 * dynamic one, the user and the password are then of two different users, as with the real operator.
 *
 * @throws ReadFailure
 */
export async function readData(stores: Stores, object: KubernetesObject): Promise<ProviderData> {
  const { secretStoreRef, data = [], dataFrom = [], target } = specOf(object);
  const namespace = object.metadata.namespace ?? '';
  const result: ProviderData = { values: {}, missing: [] };
  const passes = target?.deletionPolicy !== undefined && target.deletionPolicy !== 'Retain';
  for (const [index, { extract, find, rewrite, sourceRef }] of dataFrom.entries()) {
    const kind = extract ? 'extract' : find ? 'find' : 'sourceRef.generatorRef';
    await attempt(`error processing spec.dataFrom[${index}].${kind}, err`, result, passes, `spec.dataFrom[${index}]`, async () => {
      if (rewrite?.length) throw new ReadFailure("the sandbox's operator does not rewrite keys");
      if (!extract && !find) throw new ReadFailure("the sandbox's operator has no generators");
      const store = stores.open(sourceRef?.storeRef ?? secretStoreRef, namespace);
      return extract ? await extracted(store, extract.key, extract.property) : await found(store, find?.path ?? '/', find?.name?.regexp);
    });
  }
  for (const [index, { secretKey, remoteRef, sourceRef }] of data.entries()) {
    const doing = `error processing spec.data[${index}] (key: ${remoteRef.key}), err`;
    await attempt(doing, result, passes, `spec.data[${index}] (key=${remoteRef.key})`, async () => {
      const store = stores.open(sourceRef?.storeRef ?? secretStoreRef, namespace);
      const value = propertyOf(await store.read(remoteRef.key), remoteRef.property);
      return { [secretKey]: decoded(value, remoteRef.decodingStrategy) };
    });
  }
  return result;
}

async function attempt(
  doing: string,
  result: ProviderData,
  passes: boolean,
  what: string,
  read: () => Promise<Record<string, string>>,
): Promise<void> {
  try {
    Object.assign(result.values, await read());
  } catch (error) {
    if (error instanceof NoSecret && passes) result.missing.push(what);
    else if (error instanceof ReadFailure) throw new ReadFailure(`${doing}: ${error.message}`, { cause: error });
    else throw error;
  }
}

/** A secret that holds JSON, its fields taken one by one. */
async function extracted(store: SecretReader, key: string, property: string | undefined): Promise<Record<string, string>> {
  const value = propertyOf(await store.read(key), property);
  const parsed = parse(value);
  if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return texts(parsed as Record<string, unknown>);
  throw new ReadFailure(`error getting secret ${key}: the value is no JSON object`);
}

async function found(store: SecretReader, path: string, regexp: string | undefined): Promise<Record<string, string>> {
  if (regexp === undefined) throw new ReadFailure("the sandbox's operator finds by name.regexp alone");
  const pattern = new RegExp(regexp);
  const values: Record<string, string> = {};
  for (const name of (await store.list(path)).filter((candidate) => pattern.test(candidate))) {
    values[name.replace(/^\//, '').replace(/[^-._a-zA-Z0-9]/g, '_')] = await store.read(name);
  }
  return values;
}

/** A property of a JSON value, `a.b`; the whole without one. */
function propertyOf(value: string, property: string | undefined): string {
  if (property === undefined || property === '') return value;
  let current: unknown = parse(value);
  for (const name of property.split('.')) {
    current = typeof current === 'object' && current !== null ? (current as Record<string, unknown>)[name] : undefined;
  }
  if (current === undefined) throw new ReadFailure(`key ${property} does not exist in secret`);
  return textOf(current);
}

function decoded(value: string, strategy: string | undefined): string {
  return strategy === 'Base64' ? Buffer.from(value, 'base64').toString() : value;
}

function texts(fields: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, textOf(field)]));
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
