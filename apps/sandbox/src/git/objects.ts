import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Person } from './commits.js';
import { gitText, runGit } from './run-git.js';

export interface TreeChange {
  path: string;
  mode: string;
  /** null takes the path away. */
  sha: string | null;
}

/** The type of an object, or undefined where there is none of that id. */
export async function objectType(directory: string, sha: string): Promise<string | undefined> {
  if (!/^[0-9a-f]{40}$/.test(sha)) return undefined;
  const line = await gitText(['cat-file', '--batch-check=%(objecttype)'], { cwd: directory, input: `${sha}\n` });
  return line.endsWith(' missing') ? undefined : line;
}

/** The ids of these contents, in their order, all written by one process. */
export async function writeBlobs(directory: string, contents: readonly Buffer[]): Promise<string[]> {
  if (contents.length === 0) return [];
  const parts = contents.flatMap((content, index) => [
    Buffer.from(`blob\nmark :${index + 1}\ndata ${content.length}\n`), content, Buffer.from(`\nget-mark :${index + 1}\n`),
  ]);
  const printed = await gitText(['fast-import', '--quiet'], { cwd: directory, input: Buffer.concat(parts) });
  return printed.split('\n');
}

/** @throws GitFailure where a change names an object that is not there, or a path that git does not take. */
export async function writeTree(directory: string, base: string | undefined, changes: readonly TreeChange[]): Promise<string> {
  const scratch = await mkdtemp(join(tmpdir(), 'sandbox-index-'));
  const env = { GIT_INDEX_FILE: join(scratch, 'index') };
  try {
    if (base !== undefined) await runGit(['read-tree', base], { cwd: directory, env });
    const lines = changes.map(({ path, mode, sha }) => (sha === null ? `0 ${'0'.repeat(40)}\t${path}` : `${mode} ${sha}\t${path}`));
    await runGit(['update-index', '-z', '--index-info'], { cwd: directory, env, input: lines.map((line) => `${line}\0`).join('') });
    return await gitText(['write-tree'], { cwd: directory, env });
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** The message is kept to the byte, so that the same commit has the same id wherever it is made. */
export function writeCommit(
  directory: string,
  commit: { tree: string; parents: readonly string[]; author: Person; committer: Person; message: string },
): Promise<string> {
  const head = [
    `tree ${commit.tree}`,
    ...commit.parents.map((sha) => `parent ${sha}`),
    `author ${signature(commit.author)}`,
    `committer ${signature(commit.committer)}`,
  ];
  return writeObject(directory, 'commit', `${head.join('\n')}\n\n${commit.message}`);
}

export function writeTag(
  directory: string,
  tag: { name: string; object: string; type: string; tagger: Person; message: string },
): Promise<string> {
  const head = [`object ${tag.object}`, `type ${tag.type}`, `tag ${tag.name}`, `tagger ${signature(tag.tagger)}`];
  return writeObject(directory, 'tag', `${head.join('\n')}\n\n${tag.message}`);
}

export function updateRef(directory: string, ref: string, sha: string): Promise<string> {
  return gitText(['update-ref', ref, sha], { cwd: directory });
}

export function deleteRef(directory: string, ref: string): Promise<string> {
  return gitText(['update-ref', '-d', ref], { cwd: directory });
}

export async function isRefName(ref: string): Promise<boolean> {
  try {
    await runGit(['check-ref-format', ref]);
    return true;
  } catch {
    return false;
  }
}

function writeObject(directory: string, type: string, content: string): Promise<string> {
  return gitText(['hash-object', '-t', type, '-w', '--stdin'], { cwd: directory, input: content });
}

/** Seconds since the epoch, and the offset that the date was written with. */
function signature({ name, email, date }: Person): string {
  const [, sign = '+', hours = '00', minutes = '00'] = /([+-])(\d\d):?(\d\d)$/.exec(date) ?? [];
  const clean = (text: string) => text.replaceAll(/[<>\n]/g, '');
  return `${clean(name)} <${clean(email)}> ${Math.floor(Date.parse(date) / 1_000)} ${sign}${hours}${minutes}`;
}
