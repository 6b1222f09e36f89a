import type { Clock } from './clock.js';
import type { Secrets } from './secrets.js';

/** How the commits of a repository follow each other, known to whoever hosts it. */
export interface CommitGraph {
  /**
   * Whether `commit` is `ancestor` itself or came after it, so that it holds all that `ancestor` held. Undefined where the
   * repository is not hosted here, so that nobody knows. Throws `StepError` where the host does not tell.
   */
  descends(
    ctx: { signal: AbortSignal; secrets: Secrets; clock: Clock },
    question: { repositoryUrl: string; ancestor: string; commit: string },
  ): Promise<boolean | undefined>;
}
