import type { FastifyInstance } from 'fastify';
import type { components } from '@octokit/openapi-types';
import type { Collection } from '../../core/store.js';
import { assertWritable, GitHubError } from '../errors.js';
import type { Repository } from '../model.js';
import { fullName } from '../repository-view.js';
import type { RepositoryPlace } from '../rest.js';
import { keyIn, type World } from '../world.js';

interface Autolink {
  id: number;
  keyPrefix: string;
  urlTemplate: string;
  isAlphanumeric: boolean;
  updatedAt: string;
}

interface AutolinkPlace {
  Params: RepositoryPlace['Params'] & { autolinkId: string };
}
type NewAutolink = RepositoryPlace & { Body: { key_prefix: string; url_template: string; is_alphanumeric?: boolean } };

/** One cannot be changed, and none may begin as another does: which of them would a reference be? */
export function autolinkRoutes(app: FastifyInstance, world: World): void {
  const autolinks: Collection<Autolink> = world.collectionOfRepositories('autolinks');
  const of = (repository: Repository) => autolinks.list(keyIn(repository)).map(({ value }) => value);
  const open = ({ owner, repo, autolinkId }: AutolinkPlace['Params']) => {
    const repository = world.requireRepository(owner, repo);
    const autolink = autolinks.get(keyOf(repository, autolinkId));
    if (!autolink) throw new GitHubError(404, 'Not Found');
    return { repository, autolink };
  };

  app.get<RepositoryPlace>('/repos/:owner/:repo/autolinks', (request) =>
    of(world.requireRepository(request.params.owner, request.params.repo)).map(autolinkView),
  );

  app.post<NewAutolink>('/repos/:owner/:repo/autolinks', (request, reply) => {
    const repository = world.requireRepository(request.params.owner, request.params.repo);
    assertWritable(repository);
    const { key_prefix: keyPrefix, url_template: urlTemplate, is_alphanumeric: isAlphanumeric = true } = request.body;
    check(keyPrefix, urlTemplate, of(repository));
    const made = { id: world.nextId('autolink'), keyPrefix, urlTemplate, isAlphanumeric, updatedAt: world.timestamp() };
    autolinks.set(keyOf(repository, made.id), made);
    return reply.code(201).header('location', `${world.apiUrl}/repos/${fullName(repository)}/autolinks/${made.id}`).send(autolinkView(made));
  });

  app.get<AutolinkPlace>('/repos/:owner/:repo/autolinks/:autolinkId', (request) => autolinkView(open(request.params).autolink));

  app.delete<AutolinkPlace>('/repos/:owner/:repo/autolinks/:autolinkId', (request, reply) => {
    const { repository, autolink } = open(request.params);
    assertWritable(repository);
    autolinks.delete(keyOf(repository, autolink.id));
    return reply.code(204).send();
  });
}

function check(keyPrefix: string, urlTemplate: string, known: readonly Autolink[]): void {
  if (!/^[A-Za-z0-9\-_+=:/#]+$/.test(keyPrefix)) throw invalid({ code: 'invalid', field: 'key_prefix' });
  if (!URL.canParse(urlTemplate) || !urlTemplate.includes('<num>')) {
    throw invalid({ code: 'custom', field: 'url_template', message: 'url_template must be an absolute URL and contain a `<num>` token' });
  }
  const overlaps = known.some((one) => one.keyPrefix.startsWith(keyPrefix) || keyPrefix.startsWith(one.keyPrefix));
  if (overlaps) throw invalid({ code: 'already_exists', field: 'key_prefix' });
}

function autolinkView({ id, keyPrefix, urlTemplate, isAlphanumeric, updatedAt }: Autolink) {
  return {
    id, key_prefix: keyPrefix, url_template: urlTemplate, is_alphanumeric: isAlphanumeric, updated_at: updatedAt,
  } satisfies components['schemas']['autolink'];
}

function keyOf(repository: Repository, id: number | string): string {
  return `${keyIn(repository)}${String(id).padStart(12, '0')}`;
}

function invalid(error: { code: string; field: string; message?: string }): GitHubError {
  return new GitHubError(422, 'Validation Failed', [{ resource: 'KeyLink', ...error }]);
}
