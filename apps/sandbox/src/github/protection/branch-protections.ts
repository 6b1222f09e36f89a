import type { Collection } from '../../core/store.js';
import { isAncestor } from '../../git/history.js';
import type { Principal } from '../access/principal.js';
import { GitHubError } from '../errors.js';
import type { Repository } from '../model.js';
import { keyIn, type World } from '../world.js';

/** As the request that made it says it. */
export interface ProtectionRules {
  required_status_checks: { strict: boolean; contexts: string[]; checks?: { context: string }[] } | null;
  enforce_admins: boolean | null;
  required_pull_request_reviews: {
    dismiss_stale_reviews?: boolean;
    require_code_owner_reviews?: boolean;
    required_approving_review_count?: number;
    require_last_push_approval?: boolean;
    bypass_pull_request_allowances?: Partial<Actors>;
  } | null;
  restrictions: Pick<Actors, 'users' | 'teams'> & Partial<Actors> | null;
  required_linear_history?: boolean;
  allow_force_pushes?: boolean | null;
  allow_deletions?: boolean;
  block_creations?: boolean;
  required_conversation_resolution?: boolean;
  lock_branch?: boolean;
  allow_fork_syncing?: boolean;
}

/** Logins and slugs. */
export interface Actors {
  users: string[];
  teams: string[];
  apps: string[];
}

export interface Protection {
  branch: string;
  rules: ProtectionRules;
  signatures: boolean;
}

const HEADS = 'refs/heads/';

/** Which branches are protected, and what that forbids. There are no reviews and no statuses, so what asks for one is never met. */
export class BranchProtections {
  readonly #protections: Collection<Protection>;

  constructor(private readonly world: World, private readonly appSlug: string) {
    this.#protections = world.collectionOfRepositories('branch-protections');
  }

  find(repository: Repository, branch: string): Protection | undefined {
    return this.#protections.get(keyOf(repository, branch));
  }

  /** @throws GitHubError 404 */
  require(repository: Repository, branch: string): Protection {
    const found = this.find(repository, branch);
    if (!found) throw new GitHubError(404, 'Branch not protected');
    return found;
  }

  /** @throws GitHubError 422 */
  put(repository: Repository, branch: string, rules: ProtectionRules): Protection {
    const count = rules.required_pull_request_reviews?.required_approving_review_count ?? 0;
    if (count < 0 || count > 6) throw new GitHubError(422, `Invalid request.\n\n${count} must be less than or equal to 6`);
    const protection = { branch, rules, signatures: this.find(repository, branch)?.signatures ?? false };
    this.#protections.set(keyOf(repository, branch), protection);
    return protection;
  }

  setSignatures(repository: Repository, branch: string, signatures: boolean): Protection {
    const protection = { ...this.require(repository, branch), signatures };
    this.#protections.set(keyOf(repository, branch), protection);
    return protection;
  }

  delete(repository: Repository, branch: string): void {
    this.require(repository, branch);
    this.#protections.delete(keyOf(repository, branch));
  }

  /** Of all protected branches, for git itself to ask: what it may not do there, and why. */
  refusals(repository: Repository, principal: Principal): { ref: string; change: 'push' | 'force' | 'delete'; why: string }[] {
    return this.#protections.list(keyIn(repository)).flatMap(({ value: { branch, rules } }) => {
      const ref = `${HEADS}${branch}`;
      const push = this.#pushRefusal(rules, principal);
      return [
        ...(rules.allow_deletions ? [] : [{ ref, change: 'delete' as const, why: 'Cannot delete this protected branch' }]),
        ...(rules.allow_force_pushes ? [] : [{ ref, change: 'force' as const, why: 'Cannot force-push to this protected branch' }]),
        ...(push === undefined ? [] : [{ ref, change: 'push' as const, why: push }]),
      ];
    });
  }

  /** Why this must not be, over REST; `to` null deletes the branch. undefined where it may. */
  async refusal(repository: Repository, principal: Principal, { ref, from, to }: { ref: string; from: string | undefined; to: string | null }): Promise<string | undefined> {
    const refusals = this.refusals(repository, principal).filter((one) => one.ref === ref);
    const of = (change: string) => refusals.find((one) => one.change === change)?.why;
    if (to === null) return of('delete');
    const forced = from !== undefined && !(await isAncestor(this.world.gitDirectory(repository), from, to));
    return (forced ? of('force') : undefined) ?? of('push');
  }

  /** Why no pull request may be merged into the branch now. */
  mergeRefusal(repository: Repository, principal: Principal, branch: string): string | undefined {
    const rules = this.find(repository, branch)?.rules;
    if (!rules || this.#isExempt(rules, principal)) return undefined;
    const reviews = rules.required_pull_request_reviews;
    const count = reviews?.required_approving_review_count ?? 0;
    if (count > 0 && !this.#isAmong(reviews?.bypass_pull_request_allowances, principal)) {
      return `At least ${count} approving review${count === 1 ? ' is' : 's are'} required by reviewers with write access.`;
    }
    return missingChecks(rules) ?? this.#strangerRefusal(rules, principal);
  }

  #pushRefusal(rules: ProtectionRules, principal: Principal): string | undefined {
    if (rules.lock_branch) return 'Cannot change this locked branch';
    if (this.#isExempt(rules, principal)) return undefined;
    const reviews = rules.required_pull_request_reviews;
    if (reviews && !this.#isAmong(reviews.bypass_pull_request_allowances, principal)) return 'Changes must be made through a pull request.';
    return missingChecks(rules) ?? this.#strangerRefusal(rules, principal);
  }

  #strangerRefusal({ restrictions }: ProtectionRules, principal: Principal): string | undefined {
    return restrictions && !this.#isAmong(restrictions, principal) ? "You're not authorized to push to this branch." : undefined;
  }

  /** The owner of the personal token administers everything. */
  #isExempt(rules: ProtectionRules, principal: Principal): boolean {
    return principal.kind === 'user' && !rules.enforce_admins;
  }

  #isAmong(actors: Partial<Actors> | undefined, principal: Principal): boolean {
    if (principal.kind === 'user') return actors?.users?.includes(principal.account.login) ?? false;
    return actors?.apps?.includes(this.appSlug) ?? false;
  }
}

function missingChecks({ required_status_checks: checks }: ProtectionRules): string | undefined {
  const names = [...new Set([...(checks?.contexts ?? []), ...(checks?.checks ?? []).map(({ context }) => context)])];
  if (names.length === 0) return undefined;
  return names.length === 1 ? `Required status check "${names[0]}" is expected.` : `${names.length} of ${names.length} required status checks are expected.`;
}

function keyOf(repository: Repository, branch: string): string {
  return `${keyIn(repository)}${branch}`;
}
