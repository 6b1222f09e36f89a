import { LRUCache } from 'lru-cache';
import { remembering } from '../core/remember.js';
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

const rememberListing = remembering<Listing>(300);

function listAll(directory: string, commit: string): Promise<Listing> {
  return rememberListing(commit, async () => {
    const output = (await runGit(['ls-tree', '-r', '-t', '-z', '--long', commit], { cwd: directory })).toString();
    return Map.groupBy(output.split('\0').filter(Boolean).map(parseEntry), ({ path }) => folderOf(path));
  });
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
  const found = new Map(shas.map((sha) => [sha, remembered.get(sha)]));
  const missing = [...found.keys()].filter((sha) => !found.get(sha));
  const read = await askForBlobs(directory, missing);
  for (const [index, sha] of missing.entries()) {
    const content = read[index]!;
    found.set(sha, content);
    remembered.set(sha, content);
  }
  return shas.map((sha) => found.get(sha)!);
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
