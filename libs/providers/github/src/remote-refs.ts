import type { Remote } from './remote.js';

/** Commits by full ref name, tags peeled: branches, tags and what pull requests propose. Empty for an empty repository. */
export type Refs = Map<string, string>;

export async function listRemoteRefs(remote: Remote): Promise<Refs> {
  const what = `read the branches of ${remote.repository.fullName}`;
  return parseRefs(await remote.talk({ what, write: false }, ['ls-remote', remote.repository.cloneUrl, 'refs/heads/*', 'refs/tags/*', 'refs/pull/*/head']));
}

/** The output of `git ls-remote`: an annotated tag is followed by a line ending in `^{}` with the commit it points to. */
function parseRefs(listed: string): Refs {
  const refs: Refs = new Map();
  for (const line of listed.split('\n')) {
    const [commit, name] = line.split('\t');
    if (commit && name) refs.set(name.replace(/\^\{\}$/, ''), commit);
  }
  return refs;
}
