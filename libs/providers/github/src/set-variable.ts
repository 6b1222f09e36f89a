import type { CallContext, GithubClient } from './client.js';
import { ownerAndRepo } from './repository-place.js';
import { absentIfNotFound } from './thing-in-repository.js';

interface Variable {
  /** owner/name */
  repository: string;
  environment: string;
  name: string;
  value: string;
}

/** A variable of an environment as it is to be; it goes with the environment. */
export async function setVariable(github: GithubClient, ctx: CallContext, { repository, environment, name, value }: Variable): Promise<void> {
  const place = { ...ownerAndRepo(repository), environment_name: environment, name };
  const scope = { needs: { environments: 'write' }, repository } as const;
  const what = `the variable ${name} of the environment ${environment} of ${repository}`;
  const known = await github
    .call(ctx, { what: `read ${what}`, ...scope, send: (octokit) => octokit.rest.actions.getEnvironmentVariable(place) })
    .catch(absentIfNotFound);
  if (known?.data.value === value) return;
  const call = { what: `set ${what}`, write: true, ...scope };
  if (known) await github.call(ctx, { ...call, send: (octokit) => octokit.rest.actions.updateEnvironmentVariable({ ...place, value }) });
  else await github.call(ctx, { ...call, send: (octokit) => octokit.rest.actions.createEnvironmentVariable({ ...place, value }) });
}
