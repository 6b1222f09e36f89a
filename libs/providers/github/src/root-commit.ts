import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { GitPlace } from './git.js';

export interface RootCommit {
  /** The folder whose content becomes the tree. */
  source: string;
  message: string;
  /** ISO 8601; author's and committer's date. */
  date: string;
  author?: Author | undefined;
}

/** Absent: Slipway. */
export interface Author {
  name?: string | undefined;
  email?: string | undefined;
}

const slipway = { name: 'Slipway', email: 'slipway@users.noreply.github.com' };

/**
 * One commit without parents that holds everything in the folder. Same content, message and date: same commit, on every
 * machine. Undefined where the folder holds no file.
 */
export async function makeRootCommit(git: GitPlace, commit: RootCommit): Promise<string | undefined> {
  const { source: workTree } = commit;
  // Forced: the skeleton's own .gitignore is for its developers, not for what the template delivers.
  const added = await git.run(['add', '--all', '--force', '--verbose', '.'], { workTree });
  if (added === '') return undefined;
  await git.run(['commit', '--quiet', '--cleanup=verbatim', '--file=-'], { workTree, input: `${commit.message.trim()}\n`, env: signature(commit) });
  return (await readFile(join(git.repository, 'refs/heads/main'), 'utf8')).trim();
}

/** Same names and dates: with the same content, the same commit. */
export function signature({ date, author = {} }: Pick<RootCommit, 'date' | 'author'>): Record<string, string> {
  const at = `${Math.floor(Date.parse(date) / 1000)} +0000`;
  const [name, email] = [author.name ?? slipway.name, author.email ?? slipway.email];
  return {
    ...{ GIT_AUTHOR_NAME: name, GIT_AUTHOR_EMAIL: email, GIT_AUTHOR_DATE: at },
    ...{ GIT_COMMITTER_NAME: name, GIT_COMMITTER_EMAIL: email, GIT_COMMITTER_DATE: at },
  };
}
