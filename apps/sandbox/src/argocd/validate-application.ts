import type { Application, IncomingApplication, Spec } from './application.js';
import { ArgoError } from './errors.js';
import type { GitRemotes } from './git-remote.js';
import { RemoteFailure } from './remote-failure.js';
import { ManifestFailure } from './manifest-failure.js';
import { DEFAULT_PROJECT, type Project } from './project.js';
import { IN_CLUSTER, specProblems } from './project-restrictions.js';
import type { Projects } from './projects.js';
import type { Repositories } from './repositories.js';
import type { TargetStates } from './target-state.js';

/** As Argo CD stores it: defaults filled in, what equals nothing left out. */
export function normalize(incoming: IncomingApplication): IncomingApplication {
  return { ...incoming, spec: { ...incoming.spec, project: incoming.spec.project || DEFAULT_PROJECT } };
}

interface ValidationParts {
  projects: Projects;
  repositories: Repositories;
  remotes: GitRemotes;
  targets: TargetStates;
}

/**
 * What the project forbids is refused always; `sourceToo` also tries the repository and its manifests.
 * @throws ArgoError InvalidArgument naming all that is wrong.
 */
export async function validateApplication(
  application: IncomingApplication,
  sourceToo: boolean,
  parts: ValidationParts,
): Promise<void> {
  const { name } = application.metadata;
  const { spec } = application;
  const project = parts.projects.get(spec.project);
  if (!project) throw new ArgoError('InvalidArgument', `application references project ${spec.project} which does not exist`);
  const problems = permissionProblems(spec, project, parts.repositories);
  if (problems.length === 0 && sourceToo) problems.push(...(await sourceProblems(application, parts)));
  if (problems.length > 0) {
    const listed = problems.map((problem) => `InvalidSpecError: ${problem}`).join('; ');
    throw new ArgoError('InvalidArgument', `application spec for ${name} is invalid: ${listed}`);
  }
}

/** Looked at again with every comparison: a project may change after the application was made. */
export function permissionProblems(spec: Spec, project: Project, repositories: Repositories): string[] {
  const problems = shapeProblems(spec);
  return problems.length > 0 ? problems : specProblems(spec, project, repositories.scopedTo(spec.project));
}

function shapeProblems({ source, sources, destination }: Spec): string[] {
  if (sources && sources.length > 0) return ['the sandbox takes applications with one source only'];
  if (!source?.repoURL || !(source.path || source.chart)) {
    return ['spec.source.repoURL and either spec.source.path or spec.source.chart are required'];
  }
  if (destination.server && destination.name) {
    return [`application destination can't have both name and server defined: ${destination.name} ${destination.server}`];
  }
  const { name, server } = destination;
  if (name && name !== IN_CLUSTER.name) return [`there are no clusters with this name: ${name}`];
  if (!name && !server) return ['Destination server missing from app spec'];
  if (server && server !== IN_CLUSTER.server) return [`cluster '${server}' has not been configured`];
  return [];
}

async function sourceProblems(
  application: IncomingApplication,
  { repositories, remotes, targets }: ValidationParts,
): Promise<string[]> {
  const { repoURL = '', path = '' } = application.spec.source ?? {};
  try {
    await remotes.test(repoURL, await repositories.credentialFor(repoURL, application.spec.project));
    await targets.load(application);
    return [];
  } catch (error) {
    if (error instanceof ManifestFailure) {
      return [`Unable to generate manifests in ${path}: rpc error: code = Unknown desc = ${error.message}`];
    }
    if (error instanceof RemoteFailure) return [`repository not accessible: ${error.message}`];
    throw error;
  }
}

/** Whether an application asked for is the one there is, in what its owner decides. */
export function isSameApplication(existing: Application, asked: IncomingApplication): boolean {
  return identity(existing) === identity(asked);
}

function identity({ spec, metadata }: Pick<IncomingApplication, 'spec' | 'metadata'>): string {
  const decided = { spec, labels: metadata.labels, annotations: metadata.annotations, finalizers: metadata.finalizers };
  return JSON.stringify(canonical(decided)) ?? '';
}

/** Keys in order, empty values gone: two of these are equal exactly where Go finds two structs equal. */
export function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 0 ? undefined : value.map(canonical);
  if (typeof value !== 'object' || value === null) return value === '' || value === false ? undefined : value;
  const entries = Object.entries(value).map(([key, field]) => [key, canonical(field)] as const);
  const present = entries.filter(([, field]) => field !== undefined).sort(([a], [b]) => (a < b ? -1 : 1));
  return present.length === 0 ? undefined : Object.fromEntries(present);
}
