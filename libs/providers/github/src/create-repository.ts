import { RepositoryName } from '@slipway/contracts';
import { defineStep, type StepDefinition } from '@slipway/engine';
import { z } from 'zod';
import type { GithubClient } from './client.js';
import { ensureRepository, repositoryResource } from './ensure-repository.js';
import { foreseenName, fullNameOf, repositoryPlace } from './repository-place.js';
import { repositorySettings } from './repository-settings.js';

const { repoUrl, token } = repositoryPlace;

const Input = z
  .object({
    /** In the organisation of the integration. */
    name: RepositoryName.optional(),
    repoUrl,
    token,
    ...repositorySettings,
  })
  .refine((input) => (input.name === undefined) !== (input.repoUrl === undefined), {
    path: ['name'],
    message: 'either `name` or `repoUrl` must be given, and not both',
  });

const Output = z.object({
  id: z.number(),
  owner: z.string(),
  ownerId: z.number(),
  name: z.string(),
  fullName: z.string(),
  htmlUrl: z.string(),
  cloneUrl: z.string(),
  defaultBranch: z.string(),
  /** As Backstage calls them. */
  remoteUrl: z.string(),
  repoContentsUrl: z.string(),
});

export function createRepository(github: GithubClient): StepDefinition {
  const placeOf = (input: z.output<typeof Input>) =>
    input.name === undefined ? { repoUrl: input.repoUrl } : { repository: `${github.config.org}/${input.name}` };
  return defineStep({
    id: 'github:repo:create',
    description: 'Creates an empty repository in the organisation.',
    input: Input,
    output: Output,
    workspace: 'none',
    foresee: (input) => [{ effect: 'create', ...repositoryResource(foreseenName(github.config, placeOf(input))) }],
    async run(ctx, input) {
      const repository = await ensureRepository(github, ctx, { ...input, fullName: fullNameOf(github.config, placeOf(input)) });
      const repoContentsUrl = `${repository.htmlUrl}/blob/${repository.defaultBranch}`;
      return { output: Output.parse({ ...repository, remoteUrl: repository.cloneUrl, repoContentsUrl }) };
    },
  });
}
