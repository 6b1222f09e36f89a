import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What a push may not do to a ref: any change, one that is not fast-forward, or deleting it. */
interface Refusal {
  ref: string;
  change: 'push' | 'force' | 'delete';
  why: string;
}

/** Once for the whole push: commits that touch workflows. */
const PRE_RECEIVE = `#!/bin/sh
[ -n "$GUARD_WORKFLOWS" ] || exit 0
while read -r old new ref; do
  case "$new" in *[!0]*) ;; *) continue ;; esac
  file=$(git log --format= --name-only "$new" --not --all -- .github/workflows | head -n 1)
  if [ -n "$file" ]; then
    echo "refusing to allow a GitHub App to create or update workflow \\\`$file\\\` without \\\`workflows\\\` permission" >&2
    exit 1
  fi
done
`;

/** Once for each ref: what its protection forbids. */
const UPDATE = `#!/bin/sh
ref=$1 old=$2 new=$3 change=push
case "$new" in *[!0]*) ;; *) change=delete ;; esac
case "$old" in *[!0]*) [ "$change" = delete ] || git merge-base --is-ancestor "$old" "$new" || change=force ;; esac
printf '%s\\n' "$GUARD_REFS" | {
  tab=$(printf '\\t')
  while IFS="$tab" read -r guarded kind why; do
    [ "$guarded" = "$ref" ] || continue
    [ "$kind" = "$change" ] || { [ "$kind" = push ] && [ "$change" = force ]; } || continue
    printf 'error: GH006: Protected branch update failed for %s.\\n\\n- %s\\n' "$ref" "$why" >&2
    exit 1
  done
}
`;

/** Written once by each process: another push may be running them. */
const written = new Map<string, Promise<string>>();

/** The option and the environment by which git itself refuses a push. */
export async function pushGuards(home: string, { workflows, refs }: { workflows: boolean; refs: readonly Refusal[] }) {
  const folder = written.get(home) ?? writeHooks(home);
  written.set(home, folder);
  return {
    options: ['-c', `core.hooksPath=${await folder}`],
    env: { GUARD_WORKFLOWS: workflows ? '1' : '', GUARD_REFS: refs.map(({ ref, change, why }) => `${ref}\t${change}\t${why}`).join('\n') },
  };
}

async function writeHooks(home: string): Promise<string> {
  const folder = join(home, 'git-hooks');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'pre-receive'), PRE_RECEIVE, { mode: 0o755 });
  await writeFile(join(folder, 'update'), UPDATE, { mode: 0o755 });
  return folder;
}
