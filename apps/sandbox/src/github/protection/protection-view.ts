import type { components } from '@octokit/openapi-types';
import { simpleUser } from '../account-view.js';
import type { Repository } from '../model.js';
import { fullName } from '../repository-view.js';
import type { World } from '../world.js';
import type { Actors, Protection } from './branch-protections.js';

function protectionUrl(repository: Repository, branch: string, world: World): string {
  return `${world.apiUrl}/repos/${fullName(repository)}/branches/${encodeURIComponent(branch)}/protection`;
}

export function protectionView({ branch, rules, signatures }: Protection, repository: Repository, world: World) {
  const url = protectionUrl(repository, branch, world);
  const { required_status_checks: checks, required_pull_request_reviews: reviews, restrictions } = rules;
  const contexts = checks ? [...new Set([...checks.contexts, ...(checks.checks ?? []).map(({ context }) => context)])] : [];
  return {
    url,
    ...(checks && {
      required_status_checks: {
        url: `${url}/required_status_checks`,
        strict: checks.strict,
        contexts,
        contexts_url: `${url}/required_status_checks/contexts`,
        checks: contexts.map((context) => ({ context, app_id: null })),
      },
    }),
    ...(reviews && {
      required_pull_request_reviews: {
        url: `${url}/required_pull_request_reviews`,
        dismiss_stale_reviews: reviews.dismiss_stale_reviews ?? false,
        require_code_owner_reviews: reviews.require_code_owner_reviews ?? false,
        require_last_push_approval: reviews.require_last_push_approval ?? false,
        required_approving_review_count: reviews.required_approving_review_count ?? 1,
        ...(reviews.bypass_pull_request_allowances && { bypass_pull_request_allowances: people(reviews.bypass_pull_request_allowances, world) }),
      },
    }),
    ...(restrictions && {
      restrictions: {
        ...{ url: `${url}/restrictions`, users_url: `${url}/restrictions/users`, teams_url: `${url}/restrictions/teams`, apps_url: `${url}/restrictions/apps` },
        ...people(restrictions, world),
      },
    }),
    required_signatures: signaturesView(repository, branch, signatures, world),
    enforce_admins: { url: `${url}/enforce_admins`, enabled: rules.enforce_admins ?? false },
    required_linear_history: { enabled: rules.required_linear_history ?? false },
    allow_force_pushes: { enabled: rules.allow_force_pushes ?? false },
    allow_deletions: { enabled: rules.allow_deletions ?? false },
    block_creations: { enabled: rules.block_creations ?? false },
    required_conversation_resolution: { enabled: rules.required_conversation_resolution ?? false },
    lock_branch: { enabled: rules.lock_branch ?? false },
    allow_fork_syncing: { enabled: rules.allow_fork_syncing ?? false },
  } satisfies components['schemas']['branch-protection'];
}

export function signaturesView(repository: Repository, branch: string, enabled: boolean, world: World) {
  return { url: `${protectionUrl(repository, branch, world)}/required_signatures`, enabled };
}

/** There is one user and there are no teams; the one App is not described here. */
function people({ users = [] }: Partial<Actors>, world: World) {
  return { users: users.filter((login) => login === world.viewer.login).map(() => ({ ...simpleUser(world.viewer, world), gravatar_id: '' })), teams: [], apps: [] };
}
