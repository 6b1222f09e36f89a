import type { components } from '@octokit/openapi-types';
import { simpleUser } from '../account-view.js';
import type { Account } from '../model.js';
import { nodeId } from '../node-id.js';
import type { World } from '../world.js';
import type { GitHubApp } from './github-app.js';

export type AppView = NonNullable<components['schemas']['integration']>;

export function appView(world: World, githubApp: GitHubApp): AppView {
  const { id, slug, clientId, permissions } = githubApp;
  const made = { owner: world.organization, name: 'Slipway', url: world.url, createdAt: world.organization.createdAt };
  return { ...viewOf({ id, slug, permissions, ...made }, world), client_id: clientId, installations_count: 1 };
}

/** Whose checks the jobs of workflow runs are. */
export function actionsAppView(world: World): AppView {
  const createdAt = '2018-07-30T09:30:17Z';
  const owner: Account = { login: 'github', id: 9_919, type: 'Organization', name: 'GitHub', email: 'support@github.com', createdAt };
  const permissions = { actions: 'write', checks: 'write', contents: 'write', metadata: 'read', packages: 'write' };
  return viewOf({ id: 15_368, slug: 'github-actions', owner, name: 'GitHub Actions', permissions, url: 'https://help.github.com/en/actions', createdAt }, world);
}

interface App {
  id: number;
  slug: string;
  owner: Account;
  name: string;
  permissions: Record<string, string>;
  url: string;
  createdAt: string;
}

function viewOf({ id, slug, owner, name, permissions, url, createdAt }: App, world: World): AppView {
  return {
    id,
    slug,
    node_id: nodeId('A', id),
    owner: simpleUser(owner, world),
    name,
    description: null,
    external_url: url,
    html_url: `${world.url}/apps/${slug}`,
    created_at: createdAt,
    updated_at: createdAt,
    permissions,
    events: [],
  };
}
