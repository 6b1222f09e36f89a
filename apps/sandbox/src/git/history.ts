import { GitFailure, gitText, runGit } from './run-git.js';

export interface FileChange {
  filename: string;
  status: 'added' | 'removed' | 'modified' | 'renamed' | 'copied' | 'changed' | 'unchanged';
  previousFilename?: string;
  /** Of the blob after the change; before it where the file is gone. */
  sha: string;
  additions: number;
  deletions: number;
  /** Absent for what is binary. */
  patch?: string;
}

const STATUSES: Record<string, FileChange['status']> = { A: 'added', D: 'removed', M: 'modified', R: 'renamed', C: 'copied', T: 'changed' };
/** What a diff compares with where there is nothing before. */
const EMPTY_TREE = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';

/** The files that differ between two commits; `from` undefined: all of `to`. */
export async function changedFiles(directory: string, from: string | undefined, to: string): Promise<FileChange[]> {
  const range = [from ?? EMPTY_TREE, to];
  const [raw, counts, patches] = await Promise.all([
    gitText(['diff-tree', '-r', '-z', '-M', '--raw', '--no-abbrev', ...range], { cwd: directory }),
    gitText(['diff-tree', '-r', '-z', '-M', '--numstat', ...range], { cwd: directory }),
    gitText(['diff-tree', '-r', '-M', '-p', ...range], { cwd: directory }),
  ]);
  const patchOf = patches.split(/^diff --git .*\n/m).slice(1).map((text) => /^@@[^]*/m.exec(text)?.[0].replace(/\n$/, ''));
  const countOf = readCounts(counts);
  return readChanges(raw).map((change, index) => {
    const [additions = 0, deletions = 0] = countOf[index] ?? [];
    const patch = patchOf[index];
    return { ...change, additions, deletions, ...(patch !== undefined && { patch }) };
  });
}

function readChanges(raw: string): Omit<FileChange, 'additions' | 'deletions'>[] {
  const fields = raw.split('\0').filter(Boolean);
  const changes: Omit<FileChange, 'additions' | 'deletions'>[] = [];
  for (let index = 0; index < fields.length; ) {
    const [, , before = '', after = '', letter = ''] = (fields[index++] ?? '').split(' ');
    const status = STATUSES[letter[0] ?? ''] ?? 'changed';
    const first = fields[index++] ?? '';
    const second = status === 'renamed' || status === 'copied' ? fields[index++] : undefined;
    const sha = status === 'removed' ? before : after;
    changes.push(second === undefined ? { filename: first, status, sha } : { filename: second, previousFilename: first, status, sha });
  }
  return changes;
}

function readCounts(counts: string): [number, number][] {
  const fields = counts.split('\0').filter(Boolean);
  const read: [number, number][] = [];
  for (let index = 0; index < fields.length; index += 1) {
    const [added = '', removed = '', path = ''] = (fields[index] ?? '').split('\t');
    read.push([Number(added) || 0, Number(removed) || 0]);
    // A rename's two paths come as fields of their own.
    if (path === '') index += 2;
  }
  return read;
}

/** undefined where two commits share nothing. */
export async function mergeBase(directory: string, one: string, other: string): Promise<string | undefined> {
  return exitsWithOne(() => gitText(['merge-base', one, other], { cwd: directory }));
}

export async function isAncestor(directory: string, old: string, now: string): Promise<boolean> {
  const found = await exitsWithOne(() => runGit(['merge-base', '--is-ancestor', old, now], { cwd: directory }));
  return found !== undefined;
}

/** How many commits each side has that the other has not. */
export async function countAhead(directory: string, base: string, head: string): Promise<{ ahead: number; behind: number }> {
  const counts = await gitText(['rev-list', '--left-right', '--count', `${base}...${head}`], { cwd: directory });
  const [behind = 0, ahead = 0] = counts.split('\t').map(Number);
  return { ahead, behind };
}

/** The tree of the two merged; undefined where they conflict. */
export async function mergeTrees(directory: string, base: string, head: string): Promise<string | undefined> {
  return exitsWithOne(() => gitText(['merge-tree', '--write-tree', base, head], { cwd: directory }));
}

/** git says "no" with exit code 1, and everything worse with another. */
async function exitsWithOne<T>(run: () => Promise<T>): Promise<T | undefined> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof GitFailure && error.exitCode === 1) return undefined;
    throw error;
  }
}
