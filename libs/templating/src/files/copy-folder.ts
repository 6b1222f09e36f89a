import { chmod, copyFile, lstat, mkdir, readlink, symlink } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';
import { StepError } from '@slipway/engine';
import { listBelow } from './list-files.js';

/** Copies a folder's files and links, modes evened out, and answers their paths; a link that leads out is refused. */
export async function copyFolder(from: string, to: string, signal: AbortSignal): Promise<string[]> {
  const files = (await listBelow(from)).filter(({ kind }) => kind !== 'folder');
  for (const { path, kind } of files) {
    signal.throwIfAborted();
    const target = join(to, path);
    await mkdir(dirname(target), { recursive: true });
    if (kind === 'link') await copyLink(join(from, path), target, path);
    else await copyPlain(join(from, path), target);
  }
  return files.map(({ path }) => path);
}

/** What a template holds is read-only, and the copy must not be. */
export async function copyPlain(from: string, to: string): Promise<void> {
  await copyFile(from, to);
  await chmod(to, (await lstat(from)).mode & 0o100 ? 0o755 : 0o644);
}

async function copyLink(from: string, to: string, path: string): Promise<void> {
  const link = await readlink(from);
  const leads = posix.join(posix.dirname(path), link);
  if (posix.isAbsolute(link) || leads === '..' || leads.startsWith('../'))
    throw new StepError('fatal', 'skeleton_link_refused', `The symbolic link ${path} leads out of the folder.`);
  await symlink(link, to);
}
