import { loadAll, YAMLException } from 'js-yaml';
import type { KubernetesObject } from '../cluster.js';
import { listTree, readBlob, readBlobs, type TreeEntry } from '../git/tree.js';
import { addLabels, fieldProblem, Kustomization, replaceImages, transform } from './kustomization.js';
import type { KustomizeSettings } from './kustomize-settings.js';
import { ManifestFailure } from './manifest-failure.js';


export interface Manifests {
  objects: KubernetesObject[];
  sourceType: 'Directory' | 'Kustomize';
}

const KUSTOMIZATION = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'];
const OTHER_TOOLS: Record<string, string> = { 'Chart.yaml': 'Helm charts', 'plugin.yaml': 'plugins' };

/**
 * The objects below a path of a commit: those of a kustomization where one lies there, else of every YAML and JSON file
 * directly in the folder. @throws ManifestFailure
 */
export async function loadManifests(
  directory: string,
  commit: string,
  path: string,
  { recurse, settings }: { recurse: boolean; settings: KustomizeSettings },
): Promise<Manifests> {
  const folder = normalPath(path);
  const entries = await listFolder(directory, commit, folder);
  if (entries.length === 0) throw new ManifestFailure(`${path}: app path does not exist`);
  const names = entries.map(nameOf);
  const other = names.find((name) => OTHER_TOOLS[name]);
  if (other) throw new ManifestFailure(`${path}: the sandbox does not render ${OTHER_TOOLS[other]}`);
  if (names.some((name) => KUSTOMIZATION.includes(name))) {
    const objects = await build(directory, commit, folder);
    return { objects: objects.map((object) => withSettings(object, settings)), sourceType: 'Kustomize' };
  }
  return { objects: await loadDirectory(directory, commit, entries, recurse), sourceType: 'Directory' };
}

async function loadDirectory(
  directory: string,
  commit: string,
  entries: readonly TreeEntry[],
  recurse: boolean,
): Promise<KubernetesObject[]> {
  const files = entries.filter((entry) => entry.type === 'blob' && /\.(ya?ml|json)$/.test(entry.path));
  const contents = await readBlobs(directory, files.map(({ sha }) => sha));
  const texts = new Map(files.map(({ path }, index) => [path, contents[index]?.toString() ?? '']));
  const objects: KubernetesObject[] = [];
  for (const { type, path } of entries) {
    if (type === 'tree' && recurse) {
      objects.push(...(await loadDirectory(directory, commit, await listFolder(directory, commit, path), true)));
    }
    const text = texts.get(path);
    if (text !== undefined) objects.push(...parseObjects(text, path));
  }
  return objects;
}

/** The application's own settings come last, as `kustomize edit set` would write them. */
function withSettings(object: KubernetesObject, { images, namespace, commonLabels }: KustomizeSettings): KubernetesObject {
  const made = structuredClone(object);
  replaceImages(made, images);
  if (namespace !== undefined) made.metadata.namespace = namespace;
  if (commonLabels) addLabels(made, commonLabels, { selectors: true, templates: true });
  return made;
}

/** @throws ManifestFailure in the words of the command that the real one runs. */
async function build(directory: string, commit: string, folder: string): Promise<KubernetesObject[]> {
  try {
    return await loadKustomization(directory, commit, folder);
  } catch (error) {
    if (!(error instanceof BuildFailure)) throw error;
    throw new ManifestFailure(`\`kustomize build <path to cached source>/${folder}\` failed exit status 1: Error: ${error.message}`);
  }
}

/** kustomize ended in failure; its own words. */
class BuildFailure extends Error {}

async function loadKustomization(directory: string, commit: string, folder: string): Promise<KubernetesObject[]> {
  const entries = await listFolder(directory, commit, folder);
  // Mostly it lists what lies beside it: all of that is read by one process, and each is at hand then.
  await readBlobs(directory, entries.filter(({ type }) => type === 'blob').map(({ sha }) => sha));
  const file = entries.find((entry) => KUSTOMIZATION.includes(nameOf(entry)));
  if (!file) {
    const names = "'kustomization.yaml', 'kustomization.yml' or 'Kustomization'";
    throw new BuildFailure(`unable to find one of ${names} in directory '<path to cached source>/${folder}'`);
  }
  const [document] = documentsOf((await readBlob(directory, file.sha)).toString(), BuildFailure);
  const fields = (document ?? {}) as Record<string, unknown>;
  const problem = fieldProblem(fields);
  if (problem) throw new BuildFailure(problem);
  const parsed = Kustomization.safeParse(fields);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new BuildFailure(`invalid Kustomization: ${issue?.path.join('.')}: ${issue?.message}`);
  }
  const objects: KubernetesObject[] = [];
  for (const resource of await loadResources(directory, commit, folder, parsed.data.resources ?? [])) objects.push(...resource);
  if (objects.length === 0) throw new BuildFailure('kustomization.yaml is empty');
  return objects.map((object) => transform(object, parsed.data));
}

/** The objects of each, in order. */
async function loadResources(directory: string, commit: string, folder: string, resources: readonly string[]): Promise<KubernetesObject[][]> {
  const entries: TreeEntry[] = [];
  for (const resource of resources) entries.push(await findResource(directory, commit, folder, resource));
  const files = entries.filter(({ type }) => type !== 'tree');
  const contents = await readBlobs(directory, files.map(({ sha }) => sha));
  const texts = new Map(files.map((file, index) => [file, String(contents[index])]));
  const loaded: KubernetesObject[][] = [];
  for (const entry of entries) {
    const text = texts.get(entry);
    loaded.push(text === undefined ? await loadKustomization(directory, commit, entry.path) : parseObjects(text, entry.path));
  }
  return loaded;
}

async function findResource(directory: string, commit: string, folder: string, resource: string): Promise<TreeEntry> {
  if (/^[a-z+]+:\/\/|^git@/.test(resource)) throw new BuildFailure(`the sandbox's kustomize reads no remote resource: ${resource}`);
  const path = normalPath(`${folder}/${resource}`);
  const entry = (await listTree(directory, commit, path))[0];
  if (entry) return entry;
  const cause = `open <path to cached source>/${path}: no such file or directory`;
  throw new BuildFailure(`accumulating resources: accumulation err='accumulating resources from '${resource}': ${cause}'`);
}

function parseObjects(text: string, file: string): KubernetesObject[] {
  const objects: KubernetesObject[] = [];
  for (const value of documentsOf(text, ManifestFailure, `Failed to unmarshal "${file}": `)) {
    if (value === null || value === undefined) continue;
    objects.push(...flatten(value, file));
  }
  return objects;
}

/** Text that is no YAML is a failure of this kind. */
function documentsOf(text: string, Failure: typeof BuildFailure | typeof ManifestFailure, prefix = ''): unknown[] {
  try {
    return loadAll(text);
  } catch (error) {
    if (error instanceof YAMLException) throw new Failure(`${prefix}${error.message}`);
    throw error;
  }
}

function flatten(value: unknown, file: string): KubernetesObject[] {
  if (typeof value !== 'object' || value === null || !('kind' in value) || !('apiVersion' in value)) {
    throw new ManifestFailure(`Failed to unmarshal "${file}": Object 'Kind' is missing in '${JSON.stringify(value)}'`);
  }
  if (value.kind === 'List' && 'items' in value && Array.isArray(value.items)) {
    return value.items.flatMap((item) => flatten(item, file));
  }
  const object = value as KubernetesObject;
  if (!object.metadata?.name) {
    throw new ManifestFailure(`Failed to unmarshal "${file}": ${String(value.kind)} has no metadata.name`);
  }
  return [object];
}

function listFolder(directory: string, commit: string, folder: string): Promise<readonly TreeEntry[]> {
  return listTree(directory, commit, folder === '' ? '' : `${folder}/`);
}

function nameOf(entry: TreeEntry): string {
  return entry.path.slice(entry.path.lastIndexOf('/') + 1);
}

/** @throws ManifestFailure for a path that leaves the repository. */
function normalPath(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.pop() === undefined) throw new ManifestFailure(`${path}: app path is outside of the repository`);
  }
  return parts.join('/');
}
