import type { CallContext, GithubClient } from './client.js';
import { classifyGitError } from './classify-git-error.js';
import type { Repository } from './find-repository.js';
import { withGit, type GitPlace } from './git.js';

/** Commits by full ref name, tags peeled; branches and tags alone. Empty for an empty repository. */
export type Refs = Map<string, string>;

export async function readRemoteRefs(github: GithubClient, ctx: CallContext, repository: Repository): Promise<Refs> {
  const tokenReference = github.config.token;
  return withGit(ctx, { url: repository.cloneUrl, tokenReference }, (git) => listRemoteRefs(git, repository, tokenReference));
}

export async function listRemoteRefs(git: GitPlace, repository: Repository, tokenReference: string): Promise<Refs> {
  try {
    return parseRefs(await git.run(['ls-remote', '--heads', '--tags', repository.cloneUrl]));
  } catch (error) {
    throw classifyGitError(error, { what: `read the branches of ${repository.fullName}`, write: false, tokenReference });
  }
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
