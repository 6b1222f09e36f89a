import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** With some dozen commits there is nothing to tidy, and each push and fetch would start processes to see that. */
const CONFIG = `[core]
\trepositoryformatversion = 0
\tfilemode = true
\tbare = true
[maintenance]
\tauto = false
`;

/**
 * A bare repository with nothing in it (gitrepository-layout): of what `git init` makes, as much as git asks for. Folders are the
 * dearest of it.
 */
export function makeRepository(directory: string, branch = 'main'): void {
  mkdirSync(join(directory, 'objects/pack'), { recursive: true });
  mkdirSync(join(directory, 'refs'), { recursive: true });
  writeFileSync(join(directory, 'config'), CONFIG);
  // Last: what has a HEAD is a repository.
  writeFileSync(join(directory, 'HEAD'), `ref: refs/heads/${branch}\n`);
}
