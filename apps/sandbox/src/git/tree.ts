import { LRUCache } from 'lru-cache';
import { remembering } from '../core/remember.js';
import { readObject } from './stored-objects.js';
import { GitFailure, runGit } from './run-git.js';

export interface TreeEntry {
  mode: string;
  type: 'blob' | 'tree' | 'commit';
  sha: string;
  /** Bytes; 0 for what is no file. */
  size: number;
  /** From the repository's root. */
  path: string;
}

/** By the folder in which they lie, '' being the root. */
type Listing = ReadonlyMap<string, readonly TreeEntry[]>;

/**
 * Of a commit by its id: what lies directly in a folder (with a slash at its end; '' is the root), or the one file or folder of
 * that path. Empty where there is nothing.
 */
export async function listTree(directory: string, commit: string, path: string): Promise<readonly TreeEntry[]> {
  const listing = await listAll(directory, commit);
  if (path === '' || path.endsWith('/')) return listing.get(path.slice(0, -1)) ?? [];
  return listing.get(folderOf(path))?.filter((entry) => entry.path === path) ?? [];
}

/** The paths of all files of a commit by its id, in the order of git. */
export async function listFiles(directory: string, commit: string): Promise<string[]> {
  const listing = await listAll(directory, commit);
  return [...listing.values()].flat().filter(({ type }) => type !== 'tree').map(({ path }) => path).sort();
}

const rememberListing = remembering<Listing>(300);

function listAll(directory: string, commit: string): Promise<Listing> {
  return rememberListing(commit, async () => {
    const entries = storedEntries(directory, commit) ?? (await askForEntries(directory, commit));
    return Map.groupBy(entries, ({ path }) => folderOf(path));
  });
}

/** undefined where not all of it can be had without git. */
function storedEntries(directory: string, commit: string): TreeEntry[] | undefined {
  const object = readObject(directory, commit);
  const tree = object?.type === 'commit' ? /^tree ([0-9a-f]{40})/.exec(object.content.toString('latin1'))?.[1] : undefined;
  return tree === undefined ? undefined : entriesBelow(directory, tree, '');
}

function entriesBelow(directory: string, tree: string, folder: string): TreeEntry[] | undefined {
  const content = readObject(directory, tree)?.content;
  if (!content) return undefined;
  const entries: TreeEntry[] = [];
  for (const { mode, name, sha } of readTree(content)) {
    const path = `${folder}${name}`;
    const type = TYPES[mode] ?? 'blob';
    const blob = type === 'blob' ? storedBlob(directory, sha) : undefined;
    const below = type === 'tree' ? entriesBelow(directory, sha, `${path}/`) : [];
    if (!below || (type === 'blob' && !blob)) return undefined;
    entries.push({ mode, type, sha, size: blob?.length ?? 0, path }, ...below);
  }
  return entries;
}

const TYPES: Record<string, TreeEntry['type']> = { '040000': 'tree', '160000': 'commit' };
const ID_BYTES = 20;

/** Each entry is a mode, a space, a name, a zero byte, and the id in binary. */
export function* readTree(content: Buffer): Iterable<{ mode: string; name: string; sha: string }> {
  for (let at = 0; at < content.length; ) {
    const nameAt = content.indexOf(' ', at) + 1;
    const idAt = content.indexOf(0, nameAt) + 1;
    const mode = content.toString('latin1', at, nameAt - 1).padStart(6, '0');
    at = idAt + ID_BYTES;
    yield { mode, name: content.toString('utf8', nameAt, idAt - 1), sha: content.toString('hex', idAt, at) };
  }
}

async function askForEntries(directory: string, commit: string): Promise<TreeEntry[]> {
  const output = (await runGit(['ls-tree', '-r', '-t', '-z', '--long', commit], { cwd: directory })).toString();
  return output.split('\0').filter(Boolean).map(parseEntry);
}

function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

function parseEntry(line: string): TreeEntry {
  const [facts = '', path = ''] = line.split('\t');
  const [mode = '', type = '', sha = '', size = ''] = facts.split(/ +/);
  return { mode, type: type as TreeEntry['type'], sha, size: Number(size) || 0, path };
}

export async function readBlob(directory: string, sha: string): Promise<Buffer> {
  const [content] = await readBlobs(directory, [sha]);
  return content!;
}

/** By their ids, which tell their content whichever repository they are in: most repositories are made of the same skeleton. */
const remembered = new LRUCache<string, Buffer>({
  maxSize: 32 * 1024 * 1024,
  maxEntrySize: 256 * 1024,
  sizeCalculation: (content) => content.length + 1,
});

/** The contents of these blobs, in their order. @throws GitFailure where one is not there. */
export async function readBlobs(directory: string, shas: readonly string[]): Promise<Buffer[]> {
  const found = new Map(shas.map((sha) => [sha, storedBlob(directory, sha)]));
  const missing = [...found.keys()].filter((sha) => !found.get(sha));
  const read = await askForBlobs(directory, missing);
  for (const [index, sha] of missing.entries()) {
    const content = read[index]!;
    found.set(sha, content);
    remembered.set(sha, content);
  }
  return shas.map((sha) => found.get(sha)!);
}

/** Remembered, or read off git's files. */
function storedBlob(directory: string, sha: string): Buffer | undefined {
  const known = remembered.get(sha);
  if (known) return known;
  const object = readObject(directory, sha);
  if (object?.type !== 'blob') return undefined;
  const content = Buffer.from(object.content);
  remembered.set(sha, content);
  return content;
}

/** All read by one process. */
async function askForBlobs(directory: string, shas: readonly string[]): Promise<Buffer[]> {
  if (shas.length === 0) return [];
  const output = await runGit(['cat-file', '--batch=%(objectsize)'], { cwd: directory, input: shas.join('\n') });
  const contents: Buffer[] = [];
  let at = 0;
  for (const sha of shas) {
    const headEnd = output.indexOf('\n', at);
    const head = output.toString('latin1', at, headEnd);
    if (!/^\d+$/.test(head)) throw new GitFailure('cat-file', 0, `${sha}: ${head}`);
    at = headEnd + 1 + Number(head);
    // A copy, which does not keep the others in memory.
    contents.push(Buffer.from(output.subarray(headEnd + 1, at)));
    // Each content ends in a line break of its own.
    at += 1;
  }
  return contents;
}
