import { lstat, mkdtemp, readdir, realpath, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { StepError } from '@slipway/engine';
import { isInside } from '../files/inside.js';

/** Leaves of an unpacked repository what lies below `path`, in its place. */
export async function onlyBelow(root: string, path: string): Promise<void> {
  if (path === '') return;
  const wanted = await inRepository(root, path);
  if (!(await lstat(wanted)).isDirectory()) throw missing(path, 'folder');
  const aside = await mkdtemp(join(dirname(root), '.aside-'));
  try {
    await rename(wanted, join(aside, 'wanted'));
    for (const name of await readdir(root)) await rm(join(root, name), { recursive: true });
    for (const name of await readdir(join(aside, 'wanted'))) await rename(join(aside, 'wanted', name), join(root, name));
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

export async function findFile(root: string, path: string): Promise<string> {
  const file = await inRepository(root, path);
  if (!(await lstat(file)).isFile()) throw missing(path, 'file');
  return file;
}

async function inRepository(root: string, path: string): Promise<string> {
  const base = await realpath(root);
  const place = await realpath(resolve(base, path)).catch(() => null);
  if (!place || !isInside(base, place)) throw missing(path, 'file or folder');
  return place;
}

function missing(path: string, kind: string): StepError {
  return new StepError('fatal', 'remote_missing', `There is no ${kind} "${path}" in the repository.`);
}
