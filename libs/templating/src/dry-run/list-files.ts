import { createHash } from 'node:crypto';
import { lstat, readdir, readFile, readlink } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import type { PlannedFile } from '@slipway/contracts';

const longestContent = 256 * 1024;
const longestTogether = 8 * 1024 * 1024;

/** Everything a workspace holds, by path. */
export async function listFiles(workspace: string, withContent: boolean): Promise<PlannedFile[]> {
  const entries = await readdir(workspace, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => !entry.isDirectory()).map((entry) => join(entry.parentPath, entry.name));
  const files: PlannedFile[] = [];
  let left = withContent ? longestTogether : -1;
  for (const path of paths.sort()) {
    const file = await describe(path, left);
    left -= file.content?.length ?? 0;
    files.push({ ...file, path: relative(workspace, path).split(sep).join('/') });
  }
  return files;
}

async function describe(path: string, mostContent: number): Promise<PlannedFile> {
  const stat = await lstat(path);
  const link = stat.isSymbolicLink();
  const bytes = link ? Buffer.from(await readlink(path)) : await readFile(path);
  const text = bytes.length <= Math.min(longestContent, mostContent) ? textOf(bytes) : null;
  return {
    path,
    mode: link ? 'link' : stat.mode & 0o100 ? '755' : '644',
    size: bytes.length,
    digest: createHash('sha256').update(bytes).digest('hex'),
    ...(text === null ? {} : { content: text }),
  };
}

/** Null where the bytes are no text. */
function textOf(bytes: Buffer): string | null {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    return text.includes('\0') ? null : text;
  } catch {
    return null;
  }
}
