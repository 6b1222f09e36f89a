import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export type Refs = Map<string, string>;

/**
 * Full ref name to object id in the order of names, annotated tags unpeeled. Read off git's own files (gitrepository-layout), a
 * handful, at once: a process for each look, or a way through the thread pool for each file, would be most of what it costs.
 */
export async function readRefs(directory: string): Promise<Refs> {
  return refsNow(directory);
}

export function refsNow(directory: string): Refs {
  // In this order: a ref that git packs meanwhile is found in one of the two.
  const loose = looseRefs(directory);
  const found = new Map([...packedRefs(directory), ...loose]);
  return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** What HEAD says: `ref: refs/heads/main`, or the id of a commit. */
export async function readHead(directory: string): Promise<string> {
  return readFileSync(join(directory, 'HEAD'), 'utf8').trim();
}

function looseRefs(directory: string): [string, string][] {
  const entries = readdirSync(join(directory, 'refs'), { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && !entry.name.endsWith('.lock')).map((entry) => join(entry.parentPath, entry.name));
  const read = files.map((file): [string, string] => [file.slice(directory.length + 1), textOf(file).trim()]);
  return read.filter(([, id]) => isObjectId(id));
}

function packedRefs(directory: string): [string, string][] {
  const lines = textOf(join(directory, 'packed-refs')).split('\n').map((line) => line.split(' '));
  // A header begins with a hash sign, and the commit of an annotated tag with a caret.
  return lines.flatMap(([id = '', name]): [string, string][] => (name && isObjectId(id) ? [[name, id]] : []));
}

/** Empty where there is no such file, or no longer. */
function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}

export function isObjectId(text: string): boolean {
  return /^[0-9a-f]{40}$/.test(text);
}
