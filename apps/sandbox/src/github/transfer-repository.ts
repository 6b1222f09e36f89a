import { z } from 'zod';
import { simpleOrganization } from './account-view.js';
import { assertWritable, GitHubError } from './errors.js';
import type { Repository } from './model.js';
import type { Webhooks } from './webhooks.js';
import type { World } from './world.js';

export const Transfer = z.object({ new_owner: z.string(), new_name: z.string().min(1).max(100).optional() });

/**
 * To the other organisation, whose hooks alone are told, those of the repository itself among them. It is there at once; at
 * GitHub it may take a while.
 *
 * @throws GitHubError 422 for an owner that is none, or that has a repository of the name.
 */
export function transferRepository(repository: Repository, asked: z.infer<typeof Transfer>, world: World, webhooks: Webhooks): Repository {
  assertWritable(repository);
  const owner = world.organizationNamed(asked.new_owner);
  if (!owner) throw refused('new_owner', 'invalid');
  const name = asked.new_name ?? repository.name;
  if (world.findRepository(owner.login, name)) throw refused('name', 'custom', 'name already exists on this account');
  const transferred: Repository = { ...repository, owner: owner.login, name, updatedAt: world.timestamp() };
  world.moveRepository(transferred, repository);
  const from = { organization: simpleOrganization(world.ownerOf(repository), world) };
  webhooks.send(transferred, 'repository', { action: 'transferred', changes: { owner: { from } } });
  return transferred;
}

function refused(field: string, code: string, message?: string): GitHubError {
  return new GitHubError(422, 'Validation Failed', [{ resource: 'Repository', code, field, ...(message && { message }) }]);
}
