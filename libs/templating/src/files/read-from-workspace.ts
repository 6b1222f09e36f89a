import { lstat, readFile } from 'node:fs/promises';
import { StepError } from '@slipway/engine';
import { insideWorkspace } from './inside.js';

/** A file's text; null where there is none. A symbolic link is not followed: it may lead anywhere. */
export async function readFromWorkspace(workspace: string, path: string, mostBytes: number): Promise<string | null> {
  const file = await insideWorkspace(workspace, path);
  const stat = await lstat(file).catch(() => null);
  if (!stat?.isFile()) return null;
  if (stat.size > mostBytes)
    throw new StepError('fatal', 'file_too_large', `"${path}" is ${stat.size} bytes long; at most ${mostBytes} are read.`);
  return readFile(file, 'utf8');
}
