import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const PRE_RECEIVE = `#!/bin/sh
while read -r old new ref; do
  case "$new" in *[!0]*) ;; *) continue ;; esac
  file=$(git log --format= --name-only "$new" --not --all -- .github/workflows | head -n 1)
  if [ -n "$file" ]; then
    echo "refusing to allow a GitHub App to create or update workflow \\\`$file\\\` without \\\`workflows\\\` permission" >&2
    exit 1
  fi
done
`;

/** A folder of git hooks that refuse a push whose commits touch workflows. */
export async function workflowGuard(home: string): Promise<string> {
  const folder = join(home, 'git-hooks');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'pre-receive'), PRE_RECEIVE, { mode: 0o755 });
  return folder;
}
