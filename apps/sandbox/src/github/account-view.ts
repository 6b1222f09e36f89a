import type { components } from '@octokit/openapi-types';
import type { Account } from './model.js';
import { nodeId } from './node-id.js';
import type { World } from './world.js';

type Schemas = components['schemas'];

export function simpleUser(account: Account, world: World): Schemas['simple-user'] {
  const url = `${world.apiUrl}/users/${account.login}`;
  return {
    login: account.login,
    id: account.id,
    node_id: nodeId(account.type === 'User' ? 'U' : 'O', account.id),
    avatar_url: `${world.url}/avatars/u/${account.id}`,
    gravatar_id: '',
    url,
    html_url: `${world.url}/${account.login}`,
    followers_url: `${url}/followers`,
    following_url: `${url}/following{/other_user}`,
    gists_url: `${url}/gists{/gist_id}`,
    starred_url: `${url}/starred{/owner}{/repo}`,
    subscriptions_url: `${url}/subscriptions`,
    organizations_url: `${url}/orgs`,
    repos_url: `${url}/repos`,
    events_url: `${url}/events{/privacy}`,
    received_events_url: `${url}/received_events`,
    type: account.type,
    site_admin: false,
    user_view_type: 'public',
  };
}

export function publicUser(account: Account, world: World): Schemas['public-user'] {
  return {
    ...simpleUser(account, world),
    gravatar_id: '',
    name: account.name,
    company: null,
    blog: '',
    location: null,
    email: account.email,
    hireable: null,
    bio: null,
    twitter_username: null,
    public_repos: 0,
    public_gists: 0,
    followers: 0,
    following: 0,
    created_at: account.createdAt,
    updated_at: account.createdAt,
  };
}

export function simpleOrganization(account: Account, world: World): Schemas['organization-simple'] {
  const url = `${world.apiUrl}/orgs/${account.login}`;
  return {
    login: account.login,
    id: account.id,
    node_id: nodeId('O', account.id),
    url,
    repos_url: `${url}/repos`,
    events_url: `${url}/events`,
    hooks_url: `${url}/hooks`,
    issues_url: `${url}/issues`,
    members_url: `${url}/members{/member}`,
    public_members_url: `${url}/public_members{/member}`,
    avatar_url: `${world.url}/avatars/u/${account.id}`,
    description: null,
  };
}

export function fullOrganization(account: Account, world: World): Schemas['organization-full'] {
  const repositories = world.repositories();
  const publicCount = repositories.filter((repository) => repository.visibility === 'public').length;
  return {
    ...simpleOrganization(account, world),
    name: account.name,
    html_url: `${world.url}/${account.login}`,
    email: account.email,
    is_verified: false,
    has_organization_projects: true,
    has_repository_projects: true,
    public_repos: publicCount,
    public_gists: 0,
    followers: 0,
    following: 0,
    total_private_repos: repositories.length - publicCount,
    owned_private_repos: repositories.length - publicCount,
    members_can_create_repositories: true,
    type: 'Organization',
    created_at: account.createdAt,
    updated_at: account.createdAt,
    archived_at: null,
  };
}
