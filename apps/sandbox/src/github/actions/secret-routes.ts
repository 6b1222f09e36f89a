import type { FastifyInstance } from 'fastify';
import type { Collection } from '../../core/store.js';
import { assertWritable, GitHubError } from '../errors.js';
import { paginate } from '../rest.js';
import type { World } from '../world.js';
import type { Environments } from './environments.js';
import type { SecretBox } from './secret-box.js';
import { nameFault, openSettings, SETTINGS_BASES, type SettingsPlace } from './settings-place.js';

/** Its value was opened, to see that it could be, and not kept: no workflow is there to read it. */
interface Secret {
  name: string;
  createdAt: string;
  updatedAt: string;
}

type Put = SettingsPlace & { Body: { encrypted_value: string; key_id: string } };

export function secretRoutes(app: FastifyInstance, world: World, environments: Environments, box: SecretBox): void {
  const secrets: Collection<Secret> = world.collectionOfRepositories('secrets');
  for (const base of Object.values(SETTINGS_BASES)) {
    app.get<SettingsPlace>(`${base}/secrets`, (request, reply) => {
      const { prefix } = openSettings(request.params, world, environments);
      const all = secrets.list(prefix).map(({ value }) => secretView(value));
      return { total_count: all.length, secrets: paginate(all, request, reply, world) };
    });

    app.get<SettingsPlace>(`${base}/secrets/public-key`, (request) => {
      return box.publicKey(openSettings(request.params, world, environments).repository);
    });

    app.get<SettingsPlace>(`${base}/secrets/:name`, (request) => {
      const { prefix } = openSettings(request.params, world, environments);
      const secret = secrets.get(`${prefix}${request.params.name.toUpperCase()}`);
      if (!secret) throw new GitHubError(404, 'Not Found');
      return secretView(secret);
    });

    app.put<Put>(`${base}/secrets/:name`, async (request, reply) => {
      const { repository, prefix } = openSettings(request.params, world, environments);
      assertWritable(repository);
      const name = request.params.name.toUpperCase();
      const fault = nameFault('Secret', name);
      if (fault) throw new GitHubError(422, fault);
      await box.open(repository, request.body.key_id, request.body.encrypted_value);
      const kept = secrets.get(`${prefix}${name}`);
      const now = world.timestamp();
      secrets.set(`${prefix}${name}`, { name, createdAt: kept?.createdAt ?? now, updatedAt: now });
      return kept ? reply.code(204).send() : reply.code(201).send({});
    });

    app.delete<SettingsPlace>(`${base}/secrets/:name`, (request, reply) => {
      const { prefix } = openSettings(request.params, world, environments);
      if (!secrets.delete(`${prefix}${request.params.name.toUpperCase()}`)) throw new GitHubError(404, 'Not Found');
      return reply.code(204).send();
    });
  }
}

function secretView({ name, createdAt, updatedAt }: Secret) {
  return { name, created_at: createdAt, updated_at: updatedAt };
}
