import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readRefs } from '../git/refs.js';

/** A first fetch in version 0 of the protocol: what it wants, and that it has nothing. Whoever can do more says more in the first line. */
const FIRST_FETCH = /^00..want [0-9a-f]{40} ofs-delta\n(0032want [0-9a-f]{40}\n)*00000009done\n$/;

/**
 * What git-upload-pack answers to a first fetch of a repository that is one pack, as it is after its first push: that pack. Undefined
 * for all that is git's to answer, of which it starts two processes.
 */
export async function wholePack(directory: string, request: string): Promise<Buffer | undefined> {
  if (!FIRST_FETCH.test(request)) return undefined;
  const listed = new Set((await readRefs(directory)).values());
  const wanted = request.match(/(?<=want )[0-9a-f]{40}/g) ?? [];
  if (!wanted.every((id) => listed.has(id))) return undefined;
  const pack = onlyPack(join(directory, 'objects'));
  return pack && Buffer.concat([Buffer.from('0008NAK\n'), pack]);
}

function onlyPack(objects: string): Buffer | undefined {
  // Objects by themselves lie in folders named for the first byte of their ids.
  if (readdirSync(objects).some((name) => /^[0-9a-f]{2}$/.test(name))) return undefined;
  const packs = readdirSync(join(objects, 'pack')).filter((name) => name.endsWith('.pack'));
  return packs.length === 1 ? readFileSync(join(objects, 'pack', packs[0]!)) : undefined;
}
