import { PlainUrl } from '@slipway/contracts';
import { defineStep, StepError, type StepContext, type StepDefinition } from '@slipway/engine';
import { z } from 'zod';
import type { ArgocdClient } from './client.js';
import { findRepository, nameWithMark, projectOf, type Registration } from './find-repository.js';
import { repositoryKind } from './repository-kind.js';

const Input = z.object({
  /** The URL that applications will name. */
  url: PlainUrl,
});
const Output = z.object({ url: z.string() });

export function registerRepository(argocd: ArgocdClient): StepDefinition {
  return defineStep({
    id: 'argocd:repository:register',
    description: 'Makes a repository known to Argo CD.',
    input: Input,
    output: Output,
    workspace: 'none',
    foresee: ({ url }) => [{ effect: 'create', kind: repositoryKind, externalId: url, title: `Argo CD repository ${url}` }],
    async run(ctx, { url }) {
      const found = await findRepository(argocd, ctx, url);
      if (found) assertOurs(found, ctx.mark);
      await ctx.resources.plan({ kind: repositoryKind, externalId: url, title: `Argo CD repository ${url}` });
      if (!found) await register(argocd, ctx, url);
      await ctx.resources.created({ kind: repositoryKind, externalId: url });
      ctx.log.info(`${found ? 'Argo CD knows' : 'Made Argo CD know'} the repository ${url}.`);
      return { output: { url } };
    },
  });
}

async function register(argocd: ArgocdClient, ctx: StepContext, url: string): Promise<void> {
  const project = projectOf(argocd);
  try {
    await argocd.call(ctx, {
      what: `register the repository ${url} in Argo CD`,
      method: 'POST',
      path: '/repositories',
      // No credential: Argo CD takes that of its template for the organisation, and none is stored per repository.
      body: { repo: url, type: 'git', name: nameWithMark(ctx.mark), ...(project && { project }) },
      answer: z.object({ repo: z.string() }),
    });
  } catch (error) {
    if (!(error instanceof StepError) || error.code !== 'argocd_exists_differently') throw error;
    // Registered by somebody else since we looked, or where our account does not see it.
    throw taken(url);
  }
}

function assertOurs(found: Registration, mark: string): void {
  if (found.mark !== mark) throw taken(found.url);
}

function taken(url: string): StepError {
  return new StepError(
    'fatal',
    'argocd_repository_taken',
    `Could not register ${url}: Argo CD knows it already, and not from this service.`,
    {
      remedy: 'Have that registration removed from Argo CD (Settings, Repositories), then try again.',
    },
  );
}
