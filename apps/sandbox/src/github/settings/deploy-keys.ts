import type { FastifyInstance } from 'fastify';
import type { components } from '@octokit/openapi-types';
import type { Collection } from '../../core/store.js';
import { assertWritable, GitHubError } from '../errors.js';
import type { Repository } from '../model.js';
import { fullName } from '../repository-view.js';
import { paginate, type RepositoryPlace } from '../rest.js';
import { keyIn, type World } from '../world.js';

interface DeployKey {
  id: number;
  title: string;
  /** Its kind and what it is, without the comment behind. */
  key: string;
  readOnly: boolean;
  createdAt: string;
}

interface KeyPlace {
  Params: RepositoryPlace['Params'] & { keyId: string };
}
type NewKey = RepositoryPlace & { Body: { title?: string; key: string; read_only?: boolean } };

const OPENSSH = /^((?:ssh-(?:rsa|ed25519)|ecdsa-sha2-nistp(?:256|384|521)|sk-ssh-ed25519@openssh\.com|sk-ecdsa-sha2-nistp256@openssh\.com) [A-Za-z0-9+/]{16,}={0,2})(\s|$)/;

/** One cannot be changed, and opens one repository alone. Nobody logs in with them: the sandbox speaks no SSH. */
export function deployKeyRoutes(app: FastifyInstance, world: World): void {
  const keys: Collection<DeployKey> = world.collectionOfRepositories('deploy-keys');
  const open = ({ owner, repo, keyId }: KeyPlace['Params']) => {
    const repository = world.requireRepository(owner, repo);
    const key = keys.get(keyOf(repository, keyId));
    if (!key) throw new GitHubError(404, 'Not Found');
    return { repository, key };
  };

  app.get<RepositoryPlace>('/repos/:owner/:repo/keys', (request, reply) => {
    const repository = world.requireRepository(request.params.owner, request.params.repo);
    const all = keys.list(keyIn(repository)).map(({ value }) => keyView(value, repository, world));
    return paginate(all, request, reply, world);
  });

  app.post<NewKey>('/repos/:owner/:repo/keys', (request, reply) => {
    const repository = world.requireRepository(request.params.owner, request.params.repo);
    assertWritable(repository);
    const { title = '', key: given, read_only: readOnly = false } = request.body;
    const key = OPENSSH.exec(given.trim())?.[1];
    if (key === undefined) throw invalid('key is invalid. You must supply a key in OpenSSH public key format');
    if (keys.list().some(({ value }) => value.key === key)) throw invalid('key is already in use');
    const made = { id: world.nextId('deploy-key'), title, key, readOnly, createdAt: world.timestamp() };
    keys.set(keyOf(repository, made.id), made);
    const view = keyView(made, repository, world);
    return reply.code(201).header('location', view.url).send(view);
  });

  app.get<KeyPlace>('/repos/:owner/:repo/keys/:keyId', (request) => {
    const { repository, key } = open(request.params);
    return keyView(key, repository, world);
  });

  app.delete<KeyPlace>('/repos/:owner/:repo/keys/:keyId', (request, reply) => {
    const { repository, key } = open(request.params);
    assertWritable(repository);
    keys.delete(keyOf(repository, key.id));
    return reply.code(204).send();
  });
}

function keyView({ id, title, key, readOnly, createdAt }: DeployKey, repository: Repository, world: World) {
  return {
    id,
    key,
    url: `${world.apiUrl}/repos/${fullName(repository)}/keys/${id}`,
    title,
    verified: true,
    created_at: createdAt,
    read_only: readOnly,
    added_by: world.viewer.login,
    last_used: null,
    enabled: true,
  } satisfies components['schemas']['deploy-key'];
}

function keyOf(repository: Repository, id: number | string): string {
  return `${keyIn(repository)}${String(id).padStart(12, '0')}`;
}

function invalid(message: string): GitHubError {
  return new GitHubError(422, 'Validation Failed', [{ resource: 'PublicKey', code: 'custom', field: 'key', message }]);
}
