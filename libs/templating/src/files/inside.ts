import { lstat, realpath } from 'node:fs/promises';
import { dirname, resolve, sep } from 'node:path';
import { StepError } from '@slipway/engine';

/**
 * The place in the workspace that a step's author means by a relative path. Nothing is read or written through a symbolic
 * link, which an earlier step or a fetched archive may have left there; the last part of the path may itself be one.
 */
export async function insideWorkspace(workspace: string, path: string): Promise<string> {
  const root = await realpath(workspace);
  if (path.includes('\0')) throw outside(path);
  const place = resolve(root, path);
  if (!isInside(root, place)) throw outside(path);
  if (place !== root) await refuseLinks(root, dirname(place), path);
  return place;
}

/** The folder itself too must be a real one, or not there yet. */
export async function folderInsideWorkspace(workspace: string, path: string): Promise<string> {
  const place = await insideWorkspace(workspace, path);
  await refuseLinks(await realpath(workspace), place, path);
  return place;
}

export function isInside(root: string, path: string): boolean {
  return path === root || path.startsWith(root.endsWith(sep) ? root : root + sep);
}

async function refuseLinks(root: string, folder: string, named: string): Promise<void> {
  for (let at = folder; at !== root && isInside(root, at); at = dirname(at)) {
    const stat = await lstat(at).catch(() => null);
    if (stat && !stat.isDirectory()) throw outside(named);
  }
}

function outside(path: string): StepError {
  return new StepError('fatal', 'target_refused', `"${path.slice(0, 200)}" does not lead to a place inside the workspace.`, {
    remedy: 'Give a path relative to the workspace, through real folders only.',
  });
}
