import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { loadAllYaml } from '@kubernetes/client-node';
import { StepError } from '@slipway/engine';
import { type Manifest, readManifest } from './manifest.js';

const MOST_BYTES = 1_000_000;

/** The objects of a YAML or JSON file of the workspace, or of all such files in a folder and those below, in the order of their paths. */
export async function workspaceManifests(workspace: string, path: string): Promise<Manifest[]> {
  const root = await realpath(workspace);
  const manifests: Manifest[] = [];
  for (const file of await filesAt(root, path)) {
    const name = relative(root, file);
    for (const object of await documentsOf(file, name)) manifests.push(readManifest(object, name));
  }
  return manifests;
}

/** Links are followed once, so that none leads out of the workspace. */
async function filesAt(root: string, path: string): Promise<string[]> {
  const place = await realpath(join(root, path)).catch(() => undefined);
  if (place === undefined || (place !== root && !place.startsWith(root + sep))) {
    throw fault(path, 'there is no such file or folder in the workspace');
  }
  if ((await stat(place)).isFile()) return [place];
  const entries = await readdir(place, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && /\.(ya?ml|json)$/.test(entry.name));
  if (files.length === 0) throw fault(path, 'it holds no YAML or JSON file');
  return files.map((entry) => join(entry.parentPath, entry.name)).sort();
}

async function documentsOf(file: string, name: string): Promise<unknown[]> {
  if ((await stat(file)).size > MOST_BYTES) throw fault(name, 'it is larger than a megabyte');
  const text = await readFile(file, 'utf8');
  try {
    return loadAllYaml(text).filter((document: unknown) => document !== null && document !== undefined);
  } catch (error) {
    throw fault(name, error instanceof Error ? (error.message.split('\n')[0] ?? '') : 'it is no YAML');
  }
}

function fault(path: string, why: string): StepError {
  return new StepError('fatal', 'kubernetes_manifest_unreadable', `Could not apply ${path}: ${why}.`, {
    remedy: 'Check the path, and what the steps before have rendered there.',
  });
}
