import { defineStep, type StepDefinition } from '@slipway/engine';
import { z } from 'zod';
import type { GithubClient } from './client.js';
import { pushWorkspace, RefName } from './push-workspace.js';
import { repositoryKind } from './repository-kind.js';
import { foreseenName, fullNameOf, oneRepository, repositoryPlace } from './repository-place.js';

/** What both steps that push the workspace take. */
export const pushInput = {
  branch: RefName.optional(),
  defaultBranch: RefName.optional(),
  tag: RefName.optional(),
  message: z.string().min(1).max(2_000).optional(),
  gitCommitMessage: z.string().min(1).max(2_000).optional(),
  gitAuthorName: z.string().min(1).max(100).optional(),
  gitAuthorEmail: z.email().optional(),
  /** Folder in the workspace. */
  source: z.string().optional(),
  sourcePath: z.string().optional(),
  allowPlaceholders: z.array(z.string()).default([]),
  /** Globs of branches that GitHub Actions and Dependabot make by what is pushed: undo takes them for nobody's work. */
  botBranches: z.array(z.string().min(1).max(100)).max(20).default([]),
};

const Input = z.object({ ...repositoryPlace, ...pushInput }).refine(...oneRepository);

const Output = z.object({
  commit: z.string(),
  branch: z.string(),
  /** As Backstage calls them. */
  commitHash: z.string(),
  remoteUrl: z.string(),
  repoContentsUrl: z.string(),
});

export function pushRepository(github: GithubClient): StepDefinition {
  return defineStep({
    id: 'github:repo:push',
    description: 'Pushes the workspace into an empty repository as one commit.',
    input: Input,
    output: Output,
    workspace: 'read',
    foresee: (input) => {
      const fullName = foreseenName(github.config, input);
      return [{ effect: 'change', kind: repositoryKind, externalId: fullName, title: `Branch ${branchOf(input)} of ${fullName}` }];
    },
    async run(ctx, input) {
      const branch = branchOf(input);
      const { commit, repository } = await pushWorkspace(github, ctx, {
        ...pushOf(input),
        repository: fullNameOf(github.config, input),
      });
      const repoContentsUrl = `${repository.htmlUrl}/blob/${branch}`;
      return { output: { commit, branch, commitHash: commit, remoteUrl: repository.cloneUrl, repoContentsUrl } };
    },
  });
}

type PushInput = z.output<z.ZodObject<typeof pushInput>>;

export function branchOf({ branch, defaultBranch }: PushInput): string {
  return branch ?? defaultBranch ?? 'main';
}

/** By our names and by Backstage's. */
export function pushOf(input: PushInput) {
  const { message, gitCommitMessage, gitAuthorName, gitAuthorEmail, source, sourcePath, tag, allowPlaceholders, botBranches } = input;
  return {
    branch: branchOf(input),
    message: message ?? gitCommitMessage ?? 'Initial commit',
    author: { name: gitAuthorName, email: gitAuthorEmail },
    source: source ?? sourcePath ?? '.',
    tag,
    allowPlaceholders,
    botBranches,
  };
}
