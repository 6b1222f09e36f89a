import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { inflateSync } from 'node:zlib';
import { LRUCache } from 'lru-cache';
import { type GitObject, readPack } from './read-pack.js';

/** Compressed. What is larger, or lies among many packs, is left to git. */
const LARGEST = 1024 * 1024;
const MOST_PACKS = 4;
/** By name, which tells what is in it wherever it lies. Those of one app are asked for one right after the other. */
const recentPacks = new LRUCache<string, ReadonlyMap<string, GitObject>>({ max: 4 });

/**
 * An object as git's own files hold it (gitrepository-layout); undefined where only git can tell. To start a git takes a hundred
 * times as long as this, which waits for nothing.
 */
export function readObject(directory: string, id: string): GitObject | undefined {
  return readLoose(directory, id) ?? readPacked(directory, id);
}

function readLoose(directory: string, id: string): GitObject | undefined {
  const packed = contentOf(join(directory, 'objects', id.slice(0, 2), id.slice(2)));
  if (!packed) return undefined;
  const whole = inflateSync(packed);
  const end = whole.indexOf(0);
  const [type = ''] = whole.toString('latin1', 0, end).split(' ');
  return { type, content: whole.subarray(end + 1) };
}

function readPacked(directory: string, id: string): GitObject | undefined {
  const folder = join(directory, 'objects/pack');
  // Where the repository has gone meanwhile, git will say so.
  const packs = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.pack')) : [];
  if (packs.length > MOST_PACKS) return undefined;
  for (const name of packs) {
    const objects = recentPacks.get(name) ?? objectsOf(join(folder, name));
    const found = objects.get(id);
    if (found) return found;
  }
  return undefined;
}

function objectsOf(file: string): ReadonlyMap<string, GitObject> {
  const pack = contentOf(file);
  const objects = new Map(pack && readPack(pack).map(({ id, object }) => [id, object]));
  recentPacks.set(basename(file), objects);
  return objects;
}

function contentOf(file: string): Buffer | undefined {
  const stats = statSync(file, { throwIfNoEntry: false });
  return stats && stats.size <= LARGEST ? readFileSync(file) : undefined;
}
