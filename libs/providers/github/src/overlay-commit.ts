import { join, posix } from 'node:path';
import type { GitPlace } from './git.js';
import { type Author, signature } from './root-commit.js';

interface Overlay {
  /** The folder whose files are put over what is there. */
  source: string;
  /** Where in the repository. */
  targetPath: string;
  message: string;
  author?: Author | undefined;
}

/**
 * One commit on top of `base`, which must have been fetched: what base holds, with the folder's files over it. Its date is the
 * base's, so that the same content on the same base is the same commit. Undefined where nothing would change.
 */
export async function makeOverlayCommit(git: GitPlace, base: string, { source, targetPath, message, author }: Overlay): Promise<string | undefined> {
  // Absolute, or git would put it beside the files.
  const own = { GIT_INDEX_FILE: join(git.folder, 'own-index') };
  // Forced: the skeleton's own .gitignore is for its developers, not for what the template delivers.
  await git.run(['add', '--all', '--force', '.'], { workTree: source, env: own });
  const entries = await git.run(['ls-files', '--stage', '-z'], { workTree: source, env: own });
  await git.run(['read-tree', base]);
  await git.run(['update-index', '--add', '--replace', '-z', '--index-info'], { input: moved(entries, targetPath) });
  const tree = (await git.run(['write-tree'])).trim();
  const [baseTree, date] = (await git.run(['show', '--no-patch', '--format=%T %cI', base])).trim().split(' ');
  if (tree === baseTree) return undefined;
  const env = signature({ date: date ?? '', author });
  return (await git.run(['commit-tree', tree, '-p', base], { input: `${message.trim()}\n`, env })).trim();
}

/** Each entry is `mode object stage<TAB>path`. */
function moved(entries: string, targetPath: string): string {
  return entries
    .split('\0')
    .filter(Boolean)
    .map((entry) => {
      const [facts = '', path = ''] = entry.split('\t', 2);
      return `${facts}\t${posix.join(targetPath, path)}\0`;
    })
    .join('');
}
