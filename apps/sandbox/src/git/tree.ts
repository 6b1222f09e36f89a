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
  return rememberListing(`${directory} ${commit}`, async () => {
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

export function readBlob(directory: string, sha: string): Promise<Buffer> {
  return runGit(['cat-file', 'blob', sha], { cwd: directory });
}

/** The contents of these blobs, in their order, all read by one process. @throws GitFailure where one is not there. */
export async function readBlobs(directory: string, shas: readonly string[]): Promise<Buffer[]> {
  if (shas.length === 0) return [];
  const output = await runGit(['cat-file', '--batch=%(objectsize)'], { cwd: directory, input: shas.join('\n') });
  const contents: Buffer[] = [];
  let at = 0;
  for (const sha of shas) {
    const headEnd = output.indexOf('\n', at);
    const head = output.toString('latin1', at, headEnd);
    if (!/^\d+$/.test(head)) throw new GitFailure('cat-file', 0, `${sha}: ${head}`);
    at = headEnd + 1 + Number(head);
    contents.push(output.subarray(headEnd + 1, at));
    // Each content ends in a line break of its own.
    at += 1;
  }
  return contents;
}
