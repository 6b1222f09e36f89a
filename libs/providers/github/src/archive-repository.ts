import { defineStep, type StepDefinition } from '@slipway/engine';
import { z } from 'zod';
import type { GithubClient } from './client.js';
import { ownedRepository } from './owned-repository.js';
import { repositoryKind } from './repository-kind.js';
import { foreseenName, fullNameOf, oneRepository, ownerAndRepo, repositoryPlace } from './repository-place.js';

const Input = z.strictObject(repositoryPlace).refine(...oneRepository);
const Output = z.object({ fullName: z.string(), htmlUrl: z.string() });

/** Nothing in it can be changed afterwards, so it comes last. */
export function archiveRepository(github: GithubClient): StepDefinition {
  return defineStep({
    id: 'github:repo:archive',
    description: 'Makes a repository of this service read-only.',
    input: Input,
    output: Output,
    workspace: 'none',
    foresee: (input) => {
      const fullName = foreseenName(github.config, input);
      return [{ effect: 'change', kind: repositoryKind, externalId: fullName, title: `Repository ${fullName}, archived` }];
    },
    async run(ctx, input) {
      const fullName = fullNameOf(github.config, input);
      const { archived, htmlUrl } = await ownedRepository(github, ctx, fullName, 'archive');
      if (!archived) {
        const call = { what: `archive ${fullName}`, write: true, needs: { administration: 'write' }, repository: fullName } as const;
        await github.call(ctx, { ...call, send: (octokit) => octokit.rest.repos.update({ ...ownerAndRepo(fullName), archived: true }) });
        ctx.log.info(`Archived ${htmlUrl}.`);
      }
      return { output: { fullName, htmlUrl } };
    },
  });
}
