import type { FastifyInstance } from 'fastify';
import type { Collection } from '../../core/store.js';
import { assertWritable, GitHubError } from '../errors.js';
import { paginate } from '../rest.js';
import type { World } from '../world.js';
import type { Environments } from './environments.js';
import { nameFault, openSettings, SETTINGS_BASES, type SettingsPlace } from './settings-place.js';

interface Variable {
  name: string;
  value: string;
  createdAt: string;
  updatedAt: string;
}

type Post = SettingsPlace & { Body: { name: string; value: string } };
type Patch = SettingsPlace & { Body: { name?: string; value?: string } };

export function variableRoutes(app: FastifyInstance, world: World, environments: Environments): void {
  const variables: Collection<Variable> = world.collectionOfRepositories('variables');
  const require = (key: string) => {
    const variable = variables.get(key);
    if (!variable) throw new GitHubError(404, 'Not Found');
    return variable;
  };
  for (const base of Object.values(SETTINGS_BASES)) {
    app.get<SettingsPlace>(`${base}/variables`, (request, reply) => {
      const { prefix } = openSettings(request.params, world, environments);
      const all = variables.list(prefix).map(({ value }) => variableView(value));
      return { total_count: all.length, variables: paginate(all, request, reply, world, 10) };
    });

    app.get<SettingsPlace>(`${base}/variables/:name`, (request) => {
      const { prefix } = openSettings(request.params, world, environments);
      return variableView(require(`${prefix}${request.params.name.toUpperCase()}`));
    });

    app.post<Post>(`${base}/variables`, (request, reply) => {
      const { repository, prefix } = openSettings(request.params, world, environments);
      assertWritable(repository);
      const name = checkName(request.body.name);
      if (variables.get(`${prefix}${name}`)) throw new GitHubError(409, 'Already exists - Variable already exists');
      const now = world.timestamp();
      variables.set(`${prefix}${name}`, { name, value: request.body.value, createdAt: now, updatedAt: now });
      return reply.code(201).send({});
    });

    app.patch<Patch>(`${base}/variables/:name`, (request, reply) => {
      const { repository, prefix } = openSettings(request.params, world, environments);
      assertWritable(repository);
      const old = require(`${prefix}${request.params.name.toUpperCase()}`);
      const name = request.body.name === undefined ? old.name : checkName(request.body.name);
      variables.delete(`${prefix}${old.name}`);
      variables.set(`${prefix}${name}`, { ...old, name, value: request.body.value ?? old.value, updatedAt: world.timestamp() });
      return reply.code(204).send();
    });

    app.delete<SettingsPlace>(`${base}/variables/:name`, (request, reply) => {
      const { prefix } = openSettings(request.params, world, environments);
      if (!variables.delete(`${prefix}${request.params.name.toUpperCase()}`)) throw new GitHubError(404, 'Not Found');
      return reply.code(204).send();
    });
  }
}

function checkName(asked: string): string {
  const fault = nameFault('Variable', asked);
  if (fault) throw new GitHubError(422, fault);
  return asked.toUpperCase();
}

function variableView({ name, value, createdAt, updatedAt }: Variable) {
  return { name, value, created_at: createdAt, updated_at: updatedAt };
}
