import { EntityName, NamespaceName, PlainUrl } from '@slipway/contracts';
import { defineStep, StepError, type StepContext, type StepDefinition } from '@slipway/engine';
import { z } from 'zod';
import { Application, applicationUrl, findApplication, ownerLabel } from './application.js';
import { applicationKind } from './application-kind.js';
import type { ArgocdClient } from './client.js';

const Input = z.object({
  name: EntityName,
  repoUrl: PlainUrl,
  /** Folder of the manifests in the repository. */
  path: z.string().regex(/^(?!\/)(?!.*\.\.)[\w./-]+$/, 'must be a folder inside the repository'),
  /** Branch, tag or commit to follow. */
  revision: z.string().min(1).max(200),
  namespace: NamespaceName,
  /** Absent: the integration's. */
  project: z.string().min(1).optional(),
});
type Input = z.output<typeof Input>;

const Output = z.object({ name: z.string(), url: z.string() });

export function createApplication(argocd: ArgocdClient): StepDefinition {
  return defineStep({
    id: 'argocd:application:create',
    description: 'Creates an Argo CD application that follows a folder of a repository by itself.',
    input: Input,
    output: Output,
    workspace: 'none',
    foresee: ({ name, project = argocd.config.project }) => [
      { effect: 'create', kind: applicationKind, externalId: name, title: `Argo CD application ${name}`, properties: { project } },
    ],
    async run(ctx, input) {
      const project = input.project ?? argocd.config.project;
      const found = await findApplication(argocd, ctx, input.name, { project });
      if (found) assertOurs(found, ctx.mark);
      await ctx.resources.plan({
        kind: applicationKind,
        externalId: input.name,
        title: `Argo CD application ${input.name}`,
        properties: { project },
      });
      const application = found ?? (await create(argocd, ctx, input, project));
      const url = applicationUrl(argocd, input.name, application.metadata.namespace);
      await ctx.resources.created({ kind: applicationKind, externalId: input.name, url, properties: { project } });
      ctx.log.info(`${found ? 'Found our' : 'Created the'} Argo CD application ${url}.`);
      return { output: { name: input.name, url } };
    },
  });
}

async function create(argocd: ArgocdClient, ctx: StepContext, input: Input, project: string): Promise<Application> {
  try {
    return await argocd.call(ctx, {
      what: `create the application ${input.name} in Argo CD`,
      method: 'POST',
      path: '/applications',
      body: manifestOf(argocd, input, project, ctx.mark),
      answer: Application,
    });
  } catch (error) {
    if (!(error instanceof StepError) || error.code !== 'argocd_exists_differently') throw error;
    // There since we looked, or in a project where we do not see it.
    throw taken(input.name);
  }
}

function manifestOf(argocd: ArgocdClient, input: Input, project: string, mark: string): object {
  return {
    metadata: {
      name: input.name,
      labels: { 'app.kubernetes.io/managed-by': 'slipway', [ownerLabel]: mark },
      // Without it the API deletes the application and leaves what it deployed.
      finalizers: ['resources-finalizer.argocd.argoproj.io'],
    },
    spec: {
      project,
      source: { repoURL: input.repoUrl, path: input.path, targetRevision: input.revision },
      destination: { server: argocd.config.destination, namespace: input.namespace },
      syncPolicy: {
        automated: { prune: true, selfHeal: true },
        // The namespace is a resource of its own, with an owner.
        syncOptions: ['CreateNamespace=false'],
        retry: { limit: 5, backoff: { duration: '5s', factor: 2, maxDuration: '1m' } },
      },
    },
  };
}

function assertOurs(found: Application, mark: string): void {
  const { name, labels, deletionTimestamp } = found.metadata;
  if (labels?.[ownerLabel] !== mark) throw taken(name);
  if (deletionTimestamp === undefined) return;
  throw new StepError(
    'retry',
    'argocd_deleting',
    `Could not create the application ${name}: one of that name is still being deleted.`,
    {
      remedy: 'It is tried again. If it goes on, look at the application in Argo CD for what holds it.',
    },
  );
}

function taken(name: string): StepError {
  const message = `Could not create the application ${name}: Argo CD has one of that name that does not belong to this service.`;
  return new StepError('fatal', 'argocd_name_taken', message, {
    remedy: 'Choose another name, or have the other application removed from Argo CD.',
  });
}
