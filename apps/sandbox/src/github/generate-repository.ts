import { updateRef, writeCommit } from '../git/objects.js';
import { gitText, runGit } from '../git/run-git.js';
import { createRepository, NewRepository } from './create-repository.js';
import { GitHubError } from './errors.js';
import type { Repository } from './model.js';
import type { CustomProperties } from './property-routes.js';
import type { World } from './world.js';

export interface Generation {
  owner?: string;
  name: string;
  description?: string;
  include_all_branches?: boolean;
  private?: boolean;
}

/** A repository with the template's files in one commit. Its content is there at once; at GitHub it appears later. */
export async function generateRepository(template: Repository, asked: Generation, world: World, properties: CustomProperties): Promise<Repository> {
  if (!template.isTemplate) throw new GitHubError(422, `${template.owner}/${template.name} is not a template repository`);
  const { owner = world.organization.login, include_all_branches: all = false, ...settings } = asked;
  world.requireOrganization(owner);
  const repository = await createRepository(NewRepository.parse(settings), world, properties);
  const [source, target] = [world.gitDirectory(template), world.gitDirectory(repository)];
  const refs = [...(await world.refs(template))].filter(([ref]) => (all ? ref.startsWith('refs/heads/') : ref === `refs/heads/${template.defaultBranch}`));
  for (const [ref, sha] of refs) {
    await runGit(['fetch', '--quiet', '--no-tags', source, sha], { cwd: target });
    const tree = await gitText(['rev-parse', `${sha}^{tree}`], { cwd: target });
    const person = { name: world.viewer.name, email: world.viewer.email, date: world.timestamp() };
    await updateRef(target, ref, await writeCommit(target, { tree, parents: [], author: person, committer: person, message: 'Initial commit' }));
  }
  return repository;
}
