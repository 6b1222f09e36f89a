import { defineStep, type StepDefinition } from '@slipway/engine';
import { z } from 'zod';
import type { GithubClient } from './client.js';
import { ensureRepository, repositoryResource } from './ensure-repository.js';
import { branchOf, pushInput, pushOf } from './push-repository.js';
import { pushWorkspace } from './push-workspace.js';
import { foreseenName, fullNameOf, oneRepository, repositoryPlace } from './repository-place.js';
import { repositorySettings } from './repository-settings.js';

const Input = z.object({ ...repositoryPlace, ...repositorySettings, ...pushInput }).refine(...oneRepository);

const Output = z.object({ remoteUrl: z.string(), repoContentsUrl: z.string(), commitHash: z.string(), fullName: z.string(), htmlUrl: z.string() });

/** Backstage's step for what is two of ours: see github:repo:create and github:repo:push. */
export function publishRepository(github: GithubClient): StepDefinition {
  return defineStep({
    id: 'publish:github',
    description: 'Creates a repository and pushes the workspace into it as one commit.',
    input: Input,
    output: Output,
    workspace: 'read',
    foresee: (input) => [{ effect: 'create', ...repositoryResource(foreseenName(github.config, input)) }],
    async run(ctx, input) {
      const fullName = fullNameOf(github.config, input);
      await ensureRepository(github, ctx, { ...input, fullName });
      const { commit, repository } = await pushWorkspace(github, ctx, { ...pushOf(input), repository: fullName });
      const { cloneUrl: remoteUrl, htmlUrl } = repository;
      return { output: { remoteUrl, repoContentsUrl: `${htmlUrl}/blob/${branchOf(input)}`, commitHash: commit, fullName, htmlUrl } };
    },
  });
}
