import type { CallContext, GithubClient } from './client.js';
import type { Repository } from './find-repository.js';
import { type Remote, withRemote } from './remote.js';

/** Commits by full ref name, tags peeled; branches and tags alone. Empty for an empty repository. */
export type Refs = Map<string, string>;

export async function readRemoteRefs(github: GithubClient, ctx: CallContext, repository: Repository): Promise<Refs> {
  return withRemote(github, ctx, { repository, needs: { contents: 'read' } }, (remote) => listRemoteRefs(remote));
}

export async function listRemoteRefs(remote: Remote): Promise<Refs> {
  const what = `read the branches of ${remote.repository.fullName}`;
  return parseRefs(await remote.talk({ what, write: false }, ['ls-remote', '--heads', '--tags', remote.repository.cloneUrl]));
}

/** The output of `git ls-remote`: an annotated tag is followed by a line ending in `^{}` with the commit it points to. */
export function parseRefs(listed: string): Refs {
  const refs: Refs = new Map();
  for (const line of listed.split('\n')) {
    const [commit, name] = line.split('\t');
    if (commit && name) refs.set(name.replace(/\^\{\}$/, ''), commit);
  }
  return refs;
}
