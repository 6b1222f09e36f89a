import type { components } from '@octokit/openapi-types';
import { without } from '../core/without.js';
import { simpleUser } from './account-view.js';
import type { Repository } from './model.js';
import { nodeId } from './node-id.js';
import type { World } from './world.js';

type Schemas = components['schemas'];

/** What lists hold. */
export function minimalRepository(repository: Repository, world: World) {
  return {
    ...urlsOf(repository, world),
    id: repository.id,
    node_id: nodeId('R', repository.id),
    name: repository.name,
    full_name: fullName(repository),
    private: repository.visibility !== 'public',
    owner: simpleUser(world.ownerOf(repository), world),
    description: repository.description,
    fork: false,
    mirror_url: null,
    homepage: repository.homepage,
    language: null,
    license: null,
    size: 0,
    forks: 0,
    forks_count: 0,
    stargazers_count: 0,
    watchers: 0,
    watchers_count: 0,
    open_issues: 0,
    open_issues_count: 0,
    default_branch: repository.defaultBranch,
    is_template: repository.isTemplate,
    topics: repository.topics,
    has_issues: repository.settings.has_issues,
    has_projects: repository.settings.has_projects,
    has_wiki: repository.settings.has_wiki,
    has_pages: false,
    has_downloads: true,
    has_discussions: repository.settings.has_discussions,
    allow_forking: repository.settings.allow_forking,
    web_commit_signoff_required: repository.settings.web_commit_signoff_required,
    archived: repository.archived,
    disabled: false,
    visibility: repository.visibility,
    pushed_at: repository.pushedAt,
    created_at: repository.createdAt,
    updated_at: repository.updatedAt,
    permissions: { admin: true, maintain: true, push: true, triage: true, pull: true },
  } satisfies Schemas['minimal-repository'];
}

/** What creating, reading or changing one repository answers. */
export function fullRepository(repository: Repository, world: World) {
  return {
    ...minimalRepository(repository, world),
    allow_squash_merge: repository.settings.allow_squash_merge,
    allow_merge_commit: repository.settings.allow_merge_commit,
    allow_rebase_merge: repository.settings.allow_rebase_merge,
    allow_auto_merge: repository.settings.allow_auto_merge,
    allow_update_branch: repository.settings.allow_update_branch,
    delete_branch_on_merge: repository.settings.delete_branch_on_merge,
    use_squash_pr_title_as_default: false,
    squash_merge_commit_title: 'COMMIT_OR_PR_TITLE',
    squash_merge_commit_message: 'COMMIT_MESSAGES',
    merge_commit_title: 'MERGE_MESSAGE',
    merge_commit_message: 'PR_TITLE',
    temp_clone_token: '',
    organization: simpleUser(world.ownerOf(repository), world),
    custom_properties: repository.customProperties,
    network_count: 0,
    subscribers_count: 0,
  } satisfies Schemas['full-repository'];
}

/** The repository inside a webhook, where it carries no permissions and, in a push, times in seconds since the epoch. */
export function eventRepository(repository: Repository, world: World) {
  return { ...without(minimalRepository(repository, world), 'permissions'), custom_properties: repository.customProperties };
}

export function pushRepository(repository: Repository, world: World) {
  const owner = world.ownerOf(repository);
  return {
    ...eventRepository(repository, world),
    owner: { ...simpleUser(owner, world), name: owner.login, email: owner.email },
    url: `${world.url}/${fullName(repository)}`,
    created_at: epochSeconds(repository.createdAt),
    pushed_at: epochSeconds(repository.pushedAt),
    stargazers: 0,
    master_branch: repository.defaultBranch,
    organization: owner.login,
  };
}

export function fullName(repository: Repository): string {
  return `${repository.owner}/${repository.name}`;
}

function epochSeconds(iso: string): number {
  return Math.floor(Date.parse(iso) / 1000);
}

const madeUrls = new WeakMap<Repository, ReturnType<typeof repositoryUrls>>();

/** Made once for a repository as it is now: it is in each of the dozens of webhooks that one push leads to, some three times. */
function urlsOf(repository: Repository, world: World) {
  const known = madeUrls.get(repository) ?? repositoryUrls(repository, world);
  madeUrls.set(repository, known);
  return known;
}

function repositoryUrls(repository: Repository, world: World) {
  const html = `${world.url}/${fullName(repository)}`;
  const api = `${world.apiUrl}/repos/${fullName(repository)}`;
  return {
    html_url: html,
    clone_url: `${html}.git`,
    svn_url: html,
    git_url: `git://${new URL(world.url).host}/${fullName(repository)}.git`,
    ssh_url: `git@${new URL(world.url).hostname}:${fullName(repository)}.git`,
    url: api,
    forks_url: `${api}/forks`,
    keys_url: `${api}/keys{/key_id}`,
    collaborators_url: `${api}/collaborators{/collaborator}`,
    teams_url: `${api}/teams`,
    hooks_url: `${api}/hooks`,
    issue_events_url: `${api}/issues/events{/number}`,
    events_url: `${api}/events`,
    assignees_url: `${api}/assignees{/user}`,
    branches_url: `${api}/branches{/branch}`,
    tags_url: `${api}/tags`,
    blobs_url: `${api}/git/blobs{/sha}`,
    git_tags_url: `${api}/git/tags{/sha}`,
    git_refs_url: `${api}/git/refs{/sha}`,
    trees_url: `${api}/git/trees{/sha}`,
    statuses_url: `${api}/statuses/{sha}`,
    languages_url: `${api}/languages`,
    stargazers_url: `${api}/stargazers`,
    contributors_url: `${api}/contributors`,
    subscribers_url: `${api}/subscribers`,
    subscription_url: `${api}/subscription`,
    commits_url: `${api}/commits{/sha}`,
    git_commits_url: `${api}/git/commits{/sha}`,
    comments_url: `${api}/comments{/number}`,
    issue_comment_url: `${api}/issues/comments{/number}`,
    contents_url: `${api}/contents/{+path}`,
    compare_url: `${api}/compare/{base}...{head}`,
    merges_url: `${api}/merges`,
    archive_url: `${api}/{archive_format}{/ref}`,
    downloads_url: `${api}/downloads`,
    issues_url: `${api}/issues{/number}`,
    pulls_url: `${api}/pulls{/number}`,
    milestones_url: `${api}/milestones{/number}`,
    notifications_url: `${api}/notifications{?since,all,participating}`,
    labels_url: `${api}/labels{/name}`,
    releases_url: `${api}/releases{/id}`,
    deployments_url: `${api}/deployments`,
  };
}
