import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

export type Refs = Map<string, string>;

/**
 * Full ref name to object id in the order of names, annotated tags unpeeled. Read off git's own files (gitrepository-layout):
 * each push asks twice, and a process for each would be most of what it costs.
 */
export async function readRefs(directory: string): Promise<Refs> {
  // In this order: a ref that git packs meanwhile is found in one of the two.
  const loose = await looseRefs(directory);
  const found = new Map([...(await packedRefs(directory)), ...loose]);
  return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** What HEAD says: `ref: refs/heads/main`, or the id of a commit. */
export async function readHead(directory: string): Promise<string> {
  return (await readFile(join(directory, 'HEAD'), 'utf8')).trim();
}

async function looseRefs(directory: string): Promise<[string, string][]> {
  const entries = await readdir(join(directory, 'refs'), { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && !entry.name.endsWith('.lock')).map((entry) => join(entry.parentPath, entry.name));
  const read = await Promise.all(files.map(async (file): Promise<[string, string]> => [file.slice(directory.length + 1), await textOf(file)]));
  return read.map(([name, text]): [string, string] => [name, text.trim()]).filter(([, id]) => isObjectId(id));
}

async function packedRefs(directory: string): Promise<[string, string][]> {
  const lines = (await textOf(join(directory, 'packed-refs'))).split('\n').map((line) => line.split(' '));
  // A header begins with a hash sign, and the commit of an annotated tag with a caret.
  return lines.flatMap(([id = '', name]): [string, string][] => (name && isObjectId(id) ? [[name, id]] : []));
}

/** Empty where there is no such file, or no longer. */
async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}

export function isObjectId(text: string): boolean {
  return /^[0-9a-f]{40}$/.test(text);
}
