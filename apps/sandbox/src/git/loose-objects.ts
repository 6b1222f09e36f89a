import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inflateSync } from 'node:zlib';

export interface GitObject {
  type: string;
  content: Buffer;
}

/**
 * An object that lies in a file of its own, as all do that came with fewer than a hundred others (gitrepository-layout); undefined
 * where there is none, or in a pack, for git to tell. To start a git takes a hundred times as long as this, which waits for nothing.
 */
export function readLooseObject(directory: string, id: string): GitObject | undefined {
  let packed: Buffer;
  try {
    packed = readFileSync(join(directory, 'objects', id.slice(0, 2), id.slice(2)));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const whole = inflateSync(packed);
  const end = whole.indexOf(0);
  const [type = ''] = whole.toString('latin1', 0, end).split(' ');
  return { type, content: whole.subarray(end + 1) };
}
