import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const folders: string[] = [];

/** A file's content, or how else it should be: executable, or a symbolic link. */
export type FileSpec = string | Uint8Array | { executable: string } | { link: string };

/** A fresh folder with these files; gone after `removeTemporaryFolders`. */
export async function temporaryFolder(files: Record<string, FileSpec> = {}): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-templating-'));
  folders.push(folder);
  for (const [path, file] of Object.entries(files)) await put(join(folder, path), file);
  return folder;
}

export async function removeTemporaryFolders(): Promise<void> {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
}

async function put(path: string, file: FileSpec): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  if (typeof file === 'string' || file instanceof Uint8Array) return writeFile(path, file);
  if ('link' in file) return symlink(file.link, path);
  await writeFile(path, file.executable);
  await chmod(path, 0o755);
}
