import type { FastifyInstance } from 'fastify';
import type { components } from '@octokit/openapi-types';
import type { Collection } from '../../core/store.js';
import { assertWritable, GitHubError } from '../errors.js';
import type { Repository } from '../model.js';
import { nodeId } from '../node-id.js';
import { fullName } from '../repository-view.js';
import { paginate, type RepositoryPlace } from '../rest.js';
import { keyIn, type World } from '../world.js';

interface Environment {
  id: number;
  name: string;
  waitTimer: number;
  branchPolicy: { protected_branches: boolean; custom_branch_policies: boolean } | null;
  createdAt: string;
  updatedAt: string;
}

export class Environments {
  readonly #environments: Collection<Environment>;

  constructor(private readonly world: World) {
    this.#environments = world.collectionOfRepositories('environments');
  }

  list(repository: Repository): Environment[] {
    return this.#environments.list(keyIn(repository)).map(({ value }) => value);
  }

  require(repository: Repository, name: string): Environment {
    const found = this.#environments.get(keyOf(repository, name));
    if (!found) throw new GitHubError(404, 'Not Found');
    return found;
  }

  /** Makes it or changes it. */
  put(repository: Repository, name: string, given: Pick<Environment, 'waitTimer' | 'branchPolicy'>): Environment {
    const now = this.world.timestamp();
    const kept = this.#environments.get(keyOf(repository, name));
    const id = kept?.id ?? this.world.nextId('environment');
    const environment = { id, name: kept?.name ?? name, ...given, createdAt: kept?.createdAt ?? now, updatedAt: now };
    this.#environments.set(keyOf(repository, name), environment);
    return environment;
  }

  delete(repository: Repository, name: string): void {
    this.require(repository, name);
    this.#environments.delete(keyOf(repository, name));
  }
}

interface Place extends RepositoryPlace {
  Params: RepositoryPlace['Params'] & { environment: string };
}
type Change = Place & { Body: { wait_timer?: number; reviewers?: unknown[] | null; deployment_branch_policy?: Environment['branchPolicy'] } | '' | undefined };

export function environmentRoutes(app: FastifyInstance, world: World, environments: Environments): void {
  app.get<RepositoryPlace>('/repos/:owner/:repo/environments', (request, reply) => {
    const repository = world.requireRepository(request.params.owner, request.params.repo);
    const all = environments.list(repository);
    return { total_count: all.length, environments: paginate(all, request, reply, world).map((one) => environmentView(one, repository, world)) };
  });

  app.get<Place>('/repos/:owner/:repo/environments/:environment', (request) => {
    const repository = world.requireRepository(request.params.owner, request.params.repo);
    return environmentView(environments.require(repository, request.params.environment), repository, world);
  });

  app.put<Change>('/repos/:owner/:repo/environments/:environment', (request) => {
    const repository = world.requireRepository(request.params.owner, request.params.repo);
    assertWritable(repository);
    const { wait_timer: waitTimer = 0, deployment_branch_policy: branchPolicy = null } = request.body || {};
    if (branchPolicy && branchPolicy.protected_branches === branchPolicy.custom_branch_policies) {
      throw new GitHubError(422, 'Protected branches and custom branch policies cannot have the same value');
    }
    return environmentView(environments.put(repository, request.params.environment, { waitTimer, branchPolicy }), repository, world);
  });

  app.delete<Place>('/repos/:owner/:repo/environments/:environment', (request, reply) => {
    const repository = world.requireRepository(request.params.owner, request.params.repo);
    environments.delete(repository, request.params.environment);
    return reply.code(204).send();
  });
}

function environmentView(environment: Environment, repository: Repository, world: World) {
  const timer = { id: environment.id, node_id: nodeId('GA', environment.id), type: 'wait_timer', wait_timer: environment.waitTimer };
  const policy = { id: environment.id + 1, node_id: nodeId('GA', environment.id + 1), type: 'branch_policy' };
  return {
    id: environment.id,
    node_id: nodeId('EN', environment.id),
    name: environment.name,
    url: `${world.apiUrl}/repos/${fullName(repository)}/environments/${encodeURIComponent(environment.name)}`,
    html_url: `${world.url}/${fullName(repository)}/deployments/activity_log?environments_filter=${encodeURIComponent(environment.name)}`,
    created_at: environment.createdAt,
    updated_at: environment.updatedAt,
    can_admins_bypass: true,
    protection_rules: [...(environment.waitTimer > 0 ? [timer] : []), ...(environment.branchPolicy ? [policy] : [])],
    deployment_branch_policy: environment.branchPolicy,
  } satisfies components['schemas']['environment'] & { can_admins_bypass: boolean };
}

function keyOf(repository: Repository, name: string): string {
  return `${keyIn(repository)}${name.toLowerCase()}`;
}
