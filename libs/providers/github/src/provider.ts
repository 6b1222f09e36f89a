import { type Provider, type RateLimiter, type Secrets, systemClock } from '@slipway/engine';
import { actionsSecretKindOf, createActionsSecret } from './actions-secret.js';
import { archiveRepository } from './archive-repository.js';
import { autolinkKindOf, createAutolink } from './autolink.js';
import { branchProtectionKindOf, createBranchProtection } from './branch-protection.js';
import { createGithubClient } from './client.js';
import type { GithubConfig } from './config.js';
import { createIssue, issueKindOf } from './create-issue.js';
import { createRepository } from './create-repository.js';
import { createDeployKey, deployKeyKindOf } from './deploy-key.js';
import { githubCommits } from './descends.js';
import { dispatchWorkflow } from './dispatch-workflow.js';
import { createEnvironment, environmentKindOf } from './environment.js';
import { checkHealth } from './health.js';
import { issueLabelKindOf, labelIssue } from './label-issue.js';
import { enablePages, pagesKindOf } from './pages.js';
import { publishPullRequest } from './pull-request.js';
import { pullRequestKindOf } from './pull-request-kind.js';
import { publishRepository } from './publish-repository.js';
import { pushRepository } from './push-repository.js';
import { githubRepository } from './repository-kind.js';
import { waitWorkflow } from './wait-workflow.js';
import { createWebhook, webhookKindOf } from './webhook.js';

/**
 * `secrets` resolves the token for health checks; steps and kinds use their own context, so that their run redacts it.
 * `limiter` is the one of all processes that use the same token.
 */
export function githubProvider(config: GithubConfig, { secrets, limiter }: { secrets: Secrets; limiter: RateLimiter }): Provider {
  const github = createGithubClient(config, limiter);
  const steps = [
    ...[createRepository, pushRepository, publishRepository, publishPullRequest, archiveRepository],
    ...[createWebhook, createEnvironment, createActionsSecret, dispatchWorkflow, waitWorkflow],
    ...[createIssue, labelIssue, createBranchProtection, createDeployKey, createAutolink, enablePages],
  ];
  const kinds = [
    ...[githubRepository, pullRequestKindOf, webhookKindOf, environmentKindOf, actionsSecretKindOf],
    ...[issueKindOf, issueLabelKindOf, branchProtectionKindOf, deployKeyKindOf, autolinkKindOf, pagesKindOf],
  ];
  return {
    name: 'github',
    steps: steps.map((step) => step(github)),
    kinds: kinds.map((kind) => kind(github)),
    commits: githubCommits(github),
    health: (signal) => checkHealth(github, { signal, secrets, clock: systemClock }),
  };
}
