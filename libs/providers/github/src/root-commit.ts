import type { GitPlace } from './git.js';

export interface RootCommit {
  /** The folder whose content becomes the tree. */
  source: string;
  message: string;
  /** ISO 8601; author's and committer's date. */
  date: string;
}

const author = { name: 'Slipway', email: 'slipway@users.noreply.github.com' };

/**
 * One commit without parents that holds everything in the folder. Same content, message and date: same commit, on every
 * machine. Undefined where the folder holds no file.
 */
export async function makeRootCommit(git: GitPlace, commit: RootCommit): Promise<string | undefined> {
  await git.run(['init', '--quiet', '--template=']);
  const { source: workTree } = commit;
  // Forced: the skeleton's own .gitignore is for its developers, not for what the template delivers.
  await git.run(['add', '--all', '--force', '.'], { workTree });
  const files = await git.run(['ls-files', '--cached'], { workTree });
  if (files === '') return undefined;
  const tree = await git.run(['write-tree'], { workTree });
  const date = `${Math.floor(Date.parse(commit.date) / 1000)} +0000`;
  const env = {
    ...{ GIT_AUTHOR_NAME: author.name, GIT_AUTHOR_EMAIL: author.email, GIT_AUTHOR_DATE: date },
    ...{ GIT_COMMITTER_NAME: author.name, GIT_COMMITTER_EMAIL: author.email, GIT_COMMITTER_DATE: date },
  };
  return (await git.run(['commit-tree', tree.trim()], { input: `${commit.message.trim()}\n`, env })).trim();
}
