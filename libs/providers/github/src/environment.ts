import { defineStep, type ResourceKind, type StepDefinition } from '@slipway/engine';
import { z } from 'zod';
import type { CallContext, GithubClient } from './client.js';
import { ownedRepository } from './owned-repository.js';
import { foreseenName, fullNameOf, oneRepository, ownerAndRepo, repositoryPlace } from './repository-place.js';
import { setVariable } from './set-variable.js';
import { absentIfNotFound, ensureThing, externalIdOf, kindOfThing, type Thing } from './thing-in-repository.js';

const environmentKind = 'github:environment';

const Input = z
  .object({
    ...repositoryPlace,
    name: z.string().min(1).max(255),
    deploymentBranchPolicy: z.strictObject({ protected_branches: z.boolean(), custom_branch_policies: z.boolean() }).optional(),
    /** Minutes. */
    waitTimer: z.int().min(0).max(43_200).optional(),
    preventSelfReview: z.boolean().optional(),
    environmentVariables: z.record(z.string(), z.string()).default({}),
  })
  .refine(...oneRepository);
type Input = z.output<typeof Input>;

const Output = z.object({ name: z.string(), htmlUrl: z.string() });
type Environment = z.output<typeof Output>;

export function createEnvironment(github: GithubClient): StepDefinition {
  return defineStep({
    id: 'github:environment:create',
    description: 'Adds a deployment environment to a repository of this service.',
    input: Input,
    output: Output,
    workspace: 'none',
    foresee: (input) => {
      const { kind, title, ...place } = environmentOf(foreseenName(github.config, input), input.name);
      return [{ effect: 'create', kind, title, externalId: externalIdOf(place) }];
    },
    async run(ctx, input) {
      const fullName = fullNameOf(github.config, input);
      const repository = await ownedRepository(github, ctx, fullName, 'add an environment to');
      const environment = await ensureThing<Environment>(ctx, repository, environmentOf(fullName, input.name), {
        find: () => findEnvironment(github, ctx, fullName, input.name),
        make: () => put(github, ctx, fullName, input),
        renew: () => put(github, ctx, fullName, input),
        record: ({ htmlUrl }) => ({ url: htmlUrl }),
      });
      for (const [name, value] of Object.entries(input.environmentVariables)) {
        await setVariable(github, ctx, { repository: fullName, environment: input.name, name, value });
      }
      return { output: environment };
    },
  });
}

export function environmentKindOf(github: GithubClient): ResourceKind {
  return kindOfThing(github, environmentKind, {
    exists: async (ctx, { fullName }, row) => (await findEnvironment(github, ctx, fullName, String(row.properties['name']))) !== undefined,
    async remove(ctx, { fullName }, row) {
      const name = String(row.properties['name']);
      const call = { what: `remove the environment ${name} of ${fullName}`, write: true, needs: { administration: 'write' }, repository: fullName } as const;
      const place = { ...ownerAndRepo(fullName), environment_name: name };
      const answer = await github.call(ctx, { ...call, send: (octokit) => octokit.rest.repos.deleteAnEnvironment(place) }).catch(absentIfNotFound);
      return answer !== undefined;
    },
  });
}

function environmentOf(repository: string, name: string): Thing {
  return { kind: environmentKind, name, repository, title: `Environment ${name} of ${repository}` };
}

async function findEnvironment(github: GithubClient, ctx: CallContext, fullName: string, name: string): Promise<Environment | undefined> {
  const call = { what: `look for the environment ${name} of ${fullName}`, needs: { actions: 'read' }, repository: fullName } as const;
  const place = { ...ownerAndRepo(fullName), environment_name: name };
  const answer = await github.call(ctx, { ...call, send: (octokit) => octokit.rest.repos.getEnvironment(place) }).catch(absentIfNotFound);
  return answer && { name: answer.data.name, htmlUrl: answer.data.html_url };
}

/** Makes it or brings it to what was asked for: GitHub has one call for both. */
async function put(github: GithubClient, ctx: CallContext, fullName: string, input: Input): Promise<Environment> {
  const { name, deploymentBranchPolicy, waitTimer, preventSelfReview } = input;
  const { data } = await github.call(ctx, {
    what: `make the environment ${name} of ${fullName}`,
    ...{ write: true, needs: { administration: 'write' }, repository: fullName },
    send: (octokit) =>
      octokit.rest.repos.createOrUpdateEnvironment({
        ...ownerAndRepo(fullName),
        environment_name: name,
        ...(waitTimer !== undefined && { wait_timer: waitTimer }),
        ...(preventSelfReview !== undefined && { prevent_self_review: preventSelfReview }),
        ...(deploymentBranchPolicy && { deployment_branch_policy: deploymentBranchPolicy }),
      }),
  });
  return { name: data.name, htmlUrl: data.html_url };
}
