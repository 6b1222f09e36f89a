import { remembering } from '../core/remember.js';
import { readObject } from './stored-objects.js';
import { isObjectId } from './refs.js';
import { gitText, runGit } from './run-git.js';
import { listFiles } from './tree.js';

export interface Person {
  name: string;
  email: string;
  /** ISO 8601 with the offset that the commit carries. */
  date: string;
}

export interface Commit {
  sha: string;
  tree: string;
  parents: string[];
  author: Person;
  committer: Person;
  message: string;
  added: string[];
  modified: string[];
  removed: string[];
}

const RECORD = '\x01';
const FIELDS = ['%H', '%T', '%P', '%an', '%ae', '%aI', '%cn', '%ce', '%cI', '%B'];

/** The commits that `git log` gives for these arguments, with the paths each changed. */
export async function readCommits(directory: string, args: readonly string[]): Promise<Commit[]> {
  const format = `%x01${FIELDS.join('%x00')}%x00`;
  const log = ['log', '-z', '--name-status', '--no-renames', `--format=${format}`, ...args];
  const output = (await runGit(log, { cwd: directory })).toString();
  return output.split(RECORD).slice(1).map(parseCommit);
}

const rememberCommit = remembering<Commit | undefined>(2_000);

/**
 * The commit that an id names, by itself or through an annotated tag; kept in memory, for it is asked for again and again. Whoever
 * has the id from outside must know that this repository holds it.
 */
export function readCommit(directory: string, id: string): Promise<Commit | undefined> {
  const ask = async () => (await readCommits(directory, ['-1', id]))[0];
  return isObjectId(id) ? rememberCommit(id, async () => (await readFirstCommit(directory, id)) ?? ask()) : ask();
}

/** Of a commit without parents: all there is in it was added. One that says more of itself is left to git. */
const FIRST_COMMIT = /^tree (.{40})\nauthor (.*) <(.*)> (\d+) ([+-]\d{4})\ncommitter (.*) <(.*)> (\d+) ([+-]\d{4})\n\n([^]*)$/;

async function readFirstCommit(directory: string, id: string): Promise<Commit | undefined> {
  const object = readObject(directory, id);
  const fields = object?.type === 'commit' ? FIRST_COMMIT.exec(object.content.toString()) : undefined;
  if (!fields) return undefined;
  const field = (index: number) => fields[index] ?? '';
  const person = (at: number): Person => ({ name: field(at), email: field(at + 1), date: isoDate(Number(field(at + 2)), field(at + 3)) });
  const message = field(10).replace(/\n+$/, '');
  const added = await listFiles(directory, id);
  return { sha: id, tree: field(1), parents: [], author: person(2), committer: person(6), message, added, modified: [], removed: [] };
}

/** As git's %aI writes it; the offset is a sign, two digits of hours and two of minutes. */
function isoDate(seconds: number, offset: string): string {
  const [hours, minutes] = [offset.slice(0, 3), offset.slice(3)];
  const shift = (Number(hours) * 60 + Number(`${offset[0]}${minutes}`)) * 60;
  return `${new Date((seconds + shift) * 1_000).toISOString().slice(0, 19)}${hours}:${minutes}`;
}

function parseCommit(record: string): Commit {
  const parts = record.split('\0');
  const field = (index: number) => parts[index] ?? '';
  const commit: Commit = {
    sha: field(0),
    tree: field(1),
    parents: field(2).split(' ').filter(Boolean),
    author: { name: field(3), email: field(4), date: field(5) },
    committer: { name: field(6), email: field(7), date: field(8) },
    message: field(9).replace(/\n+$/, ''),
    added: [],
    modified: [],
    removed: [],
  };
  const changes = parts.slice(FIELDS.length).map((part) => part.replace(/^\n/, '')).filter(Boolean);
  for (let index = 0; index + 1 < changes.length; index += 2) listOf(commit, changes[index]!).push(changes[index + 1]!);
  return commit;
}

function listOf(commit: Commit, status: string): string[] {
  if (status === 'A') return commit.added;
  return status === 'D' ? commit.removed : commit.modified;
}

/** The commit that a branch, tag or (abbreviated) object id names, or undefined. */
export async function resolveCommit(directory: string, revision: string): Promise<string | undefined> {
  if (revision.startsWith('-')) return undefined;
  try {
    return await gitText(['rev-parse', '--verify', '--quiet', `${revision}^{commit}`], { cwd: directory });
  } catch {
    return undefined;
  }
}
