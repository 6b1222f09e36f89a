import { StepError } from '@slipway/engine';
import type { Scope } from './access.js';
import { classifyGitError } from './classify-git-error.js';
import type { CallContext, GithubClient } from './client.js';
import type { Repository } from './find-repository.js';
import { withGit, type GitPlace } from './git.js';

/** One repository at GitHub, and a place on this machine from which git may talk to it. */
export interface Remote {
  repository: Repository;
  git: GitPlace;
  /** A command of git that goes out. `what` completes the sentence "Could not …". @throws StepError */
  talk: (call: { what: string; write: boolean }, args: string[]) => Promise<string>;
  /** What git does on this machine alone. @throws StepError */
  local: <T>(what: string, work: () => Promise<T>) => Promise<T>;
}

export async function withRemote<T>(
  github: GithubClient,
  ctx: CallContext,
  { repository, needs }: Pick<Scope, 'needs'> & { repository: Repository },
  use: (remote: Remote) => Promise<T>,
): Promise<T> {
  const scope = { needs, repository: repository.fullName };
  const token = await github.access.token(ctx, scope);
  const classify = (error: unknown, call: { what: string; write: boolean }): StepError => {
    const failure = classifyGitError(error, { ...call, tokenReference: github.access.reference });
    if (failure.code !== 'github_unauthorized' || !github.access.refused(scope)) return failure;
    return new StepError('retry', failure.code, failure.message, { remedy: 'It is tried again, with a new token.' });
  };
  return withGit(ctx, { url: repository.cloneUrl, token }, (git) =>
    use({
      repository,
      git,
      talk: async (call, args) => {
        try {
          return await git.run(args);
        } catch (error) {
          throw classify(error, call);
        }
      },
      local: async (what, work) => {
        try {
          return await work();
        } catch (error) {
          throw classify(error, { what, write: false });
        }
      },
    }),
  );
}
