import type { Environments } from './environments.js';
import type { Repository } from '../model.js';
import type { RepositoryPlace } from '../rest.js';
import { keyIn, type World } from '../world.js';

/** Secrets and variables are a repository's or one environment's; the routes below both are the same. */
export interface SettingsPlace {
  Params: RepositoryPlace['Params'] & { environment?: string; name: string };
}

export const SETTINGS_BASES = {
  repository: '/repos/:owner/:repo/actions',
  environment: '/repos/:owner/:repo/environments/:environment',
} as const;

/** The repository, and what the keys of its or its environment's settings begin with. @throws GitHubError 404 */
export function openSettings(
  { owner, repo, environment }: SettingsPlace['Params'],
  world: World,
  environments: Environments,
): { repository: Repository; prefix: string; api: string } {
  const repository = world.requireRepository(owner, repo);
  const api = `${world.apiUrl}/repos/${repository.owner}/${repository.name}`;
  if (environment === undefined) return { repository, prefix: `${keyIn(repository)}repository/`, api };
  const { id, name } = environments.require(repository, environment);
  return { repository, prefix: `${keyIn(repository)}environment/${id}/`, api: `${api}/environments/${encodeURIComponent(name)}` };
}

const NAME_RULE =
  'names can only contain alphanumeric characters ([a-z], [A-Z], [0-9]) or underscores (_). Spaces are not allowed. ' +
  'Must start with a letter ([a-z], [A-Z]) or underscores (_).';

/** What is wrong with the name of a secret or variable, in GitHub's words. */
export function nameFault(kind: 'Secret' | 'Variable', name: string): string | undefined {
  if (!/^[A-Za-z_]\w*$/.test(name)) return `${kind} ${NAME_RULE}`;
  return /^GITHUB_/i.test(name) ? `${kind} names must not start with GITHUB_.` : undefined;
}
