import { isDeepStrictEqual } from 'node:util';
import { EntityName } from '@slipway/contracts';
import { defineStep, StepError, type StepContext, type StepDefinition } from '@slipway/engine';
import { z } from 'zod';
import { ownerLabel } from './application.js';
import type { ArgocdClient } from './client.js';
import { findProject, Project } from './find-project.js';
import { projectKind } from './project-kind.js';

/** A pattern of Argo CD's, where `*` stands for a part; one that permits everything would restrict nothing. */
function patterns(regex: RegExp, message: string) {
  return z.array(z.string().max(253).regex(regex, message).refine((text) => !/^[*/]+$/.test(text), 'must not permit everything')).min(1);
}

const Input = z.strictObject({
  name: EntityName.refine((name) => name !== 'default', 'is the name of the project that every Argo CD has'),
  description: z.string().max(255).default(''),
  /** URLs that its applications may be read from: `https://github.com/acme/shop.git`, or for a team `https://github.com/acme/*`. */
  repositories: patterns(/^https?:\/\/[\w.-]+(:\d+)?\/[\w./*-]+$/, 'must be the URL of a repository, without a name or password'),
  /** Namespaces of the integration's cluster that they may go to: `shop`, or for a team `payments-*`. */
  namespaces: patterns(/^[a-z0-9*]([-a-z0-9*]*[a-z0-9*])?$/, 'must be a namespace'),
});
type Input = z.output<typeof Input>;

const Output = z.object({ name: z.string() });

/** Whatever lies outside of the namespaces, cluster-wide kinds included, its applications may not touch. */
export function createProject(argocd: ArgocdClient): StepDefinition {
  return defineStep({
    id: 'argocd:project',
    description: 'Creates an Argo CD project that holds applications to their repositories and namespaces.',
    input: Input,
    output: Output,
    workspace: 'none',
    foresee: ({ name }) => [{ effect: 'create', kind: projectKind, externalId: name, title: `Argo CD project ${name}` }],
    async run(ctx, input) {
      const { name } = input;
      const found = await findProject(argocd, ctx, name);
      if (found) assertOurs(found, ctx.mark);
      await ctx.resources.plan({ kind: projectKind, externalId: name, title: `Argo CD project ${name}` });
      if (!found) await create(argocd, ctx, input);
      else if (!isAsWanted(found, restrictions(argocd, input))) await change(argocd, ctx, input, found);
      const url = `${argocd.config.url}/settings/projects/${name}`;
      await ctx.resources.created({ kind: projectKind, externalId: name, url });
      ctx.log.info(`${found ? 'Found our' : 'Created the'} Argo CD project ${url}.`);
      return { output: { name } };
    },
  });
}

async function create(argocd: ArgocdClient, ctx: StepContext, input: Input): Promise<void> {
  const labels = { 'app.kubernetes.io/managed-by': 'slipway', [ownerLabel]: ctx.mark };
  const project = { metadata: { name: input.name, labels }, spec: restrictions(argocd, input) };
  try {
    const made = await argocd.call(ctx, {
      what: `create the project ${input.name} in Argo CD`,
      method: 'POST',
      path: '/projects',
      body: { project },
      answer: Project,
    });
    // One of the same content, made since we looked, is answered as if it were ours.
    assertOurs(made, ctx.mark);
  } catch (error) {
    if (!(error instanceof StepError) || error.code !== 'argocd_exists_differently') throw error;
    throw taken(input.name);
  }
}

/** The version goes along, so that a change of somebody else in between is not overwritten. */
async function change(argocd: ArgocdClient, ctx: StepContext, input: Input, found: Project): Promise<void> {
  const { metadata, spec } = found;
  await argocd.call(ctx, {
    what: `change the project ${input.name} in Argo CD`,
    method: 'PUT',
    path: `/projects/${encodeURIComponent(input.name)}`,
    body: { project: { metadata, spec: { ...spec, ...restrictions(argocd, input) } } },
    answer: Project,
  });
  ctx.log.info(`Changed what the Argo CD project ${input.name} permits.`);
}

function restrictions(argocd: ArgocdClient, { description, repositories, namespaces }: Input) {
  return {
    description,
    sourceRepos: repositories,
    destinations: namespaces.map((namespace) => ({ server: argocd.config.destination, namespace })),
  };
}

/** Roles, windows and lists of kinds are for people to set, and stay. */
function isAsWanted({ spec }: Project, wanted: ReturnType<typeof restrictions>): boolean {
  const { description = '', sourceRepos = [], destinations } = spec;
  const places = (destinations ?? []).map(({ server, namespace }) => ({ server, namespace }));
  return isDeepStrictEqual({ description, sourceRepos, destinations: places }, wanted);
}

function assertOurs({ metadata }: Project, mark: string): void {
  if (metadata.labels?.[ownerLabel] !== mark) throw taken(metadata.name);
}

function taken(name: string): StepError {
  const message = `Could not create the project ${name}: Argo CD has one of that name that does not belong to this service.`;
  return new StepError('fatal', 'argocd_project_taken', message, {
    remedy: 'Choose another name, or have the other project removed from Argo CD.',
  });
}
