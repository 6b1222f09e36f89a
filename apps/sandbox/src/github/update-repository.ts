import { z } from 'zod';
import { gitText } from '../git/run-git.js';
import { Settings } from './create-repository.js';
import { assertWritable, GitHubError } from './errors.js';
import type { Repository } from './model.js';
import type { Webhooks } from './webhooks.js';
import type { World } from './world.js';

const SettingChange = z.object(
  Object.fromEntries(Object.keys(Settings.shape).map((name) => [name, z.boolean().optional()])),
);

export const RepositoryChange = z.object({
  ...SettingChange.shape,
  name: z.string().min(1).max(100).optional(),
  description: z.string().nullish(),
  homepage: z.string().nullish(),
  private: z.boolean().optional(),
  visibility: z.enum(['public', 'private', 'internal']).optional(),
  is_template: z.boolean().optional(),
  default_branch: z.string().optional(),
  archived: z.boolean().optional(),
});
export type RepositoryChange = z.infer<typeof RepositoryChange>;

/** @throws GitHubError 403 on an archived repository, unless the change takes it out of the archive; 422 on a bad value. */
export async function updateRepository(
  repository: Repository,
  change: RepositoryChange,
  world: World,
  webhooks: Webhooks,
): Promise<Repository> {
  if (change.archived !== false) assertWritable(repository);
  if (change.default_branch !== undefined) await setDefaultBranch(repository, change.default_branch, world);
  const changed: Repository = {
    ...repository,
    name: change.name === undefined ? repository.name : checkNewName(repository, change.name, world),
    description: change.description === undefined ? repository.description : change.description,
    homepage: change.homepage === undefined ? repository.homepage : change.homepage,
    visibility: newVisibility(repository, change),
    isTemplate: change.is_template ?? repository.isTemplate,
    defaultBranch: change.default_branch ?? repository.defaultBranch,
    archived: change.archived ?? repository.archived,
    settings: { ...repository.settings, ...definedSettings(change) },
    updatedAt: world.timestamp(),
  };
  if (changed.name === repository.name) world.saveRepository(changed);
  else world.moveRepository(changed, repository);
  announce(repository, changed, webhooks);
  return changed;
}

async function setDefaultBranch(repository: Repository, branch: string, world: World): Promise<void> {
  const refs = await world.refs(repository);
  if (!refs.has(`refs/heads/${branch}`)) {
    const message = `The branch ${branch} was not found. Please push that ref first or create it via the Git Data API.`;
    const error = { resource: 'Repository', code: 'invalid', field: 'default_branch', message };
    throw new GitHubError(422, 'Validation Failed', [error]);
  }
  await gitText(['symbolic-ref', 'HEAD', `refs/heads/${branch}`], { cwd: world.gitDirectory(repository) });
}

function checkNewName(repository: Repository, asked: string, world: World): string {
  const name = asked.replaceAll(/[^\w.-]+/g, '-');
  const holder = world.findRepository(repository.owner, name);
  if (holder && holder.id !== repository.id) {
    const error = { resource: 'Repository', code: 'custom', field: 'name', message: 'name already exists on this account' };
    throw new GitHubError(422, 'Validation Failed', [error]);
  }
  return name;
}

function newVisibility(repository: Repository, change: RepositoryChange): Repository['visibility'] {
  if (change.visibility) return change.visibility;
  if (change.private === undefined) return repository.visibility;
  return change.private ? 'private' : 'public';
}

function definedSettings(change: RepositoryChange): Partial<Repository['settings']> {
  const values = change as Record<string, unknown>;
  const given = Object.keys(Settings.shape).filter((name) => values[name] !== undefined);
  return Object.fromEntries(given.map((name) => [name, values[name]]));
}

function announce(before: Repository, after: Repository, webhooks: Webhooks): void {
  const send = (action: string, changes?: object) => {
    webhooks.send(after, 'repository', { action, ...(changes && { changes }) });
  };
  if (before.name !== after.name) send('renamed', { repository: { name: { from: before.name } } });
  if (before.archived !== after.archived) send(after.archived ? 'archived' : 'unarchived');
  if (before.visibility !== after.visibility) send(after.visibility === 'public' ? 'publicized' : 'privatized');
  const edits: Record<string, { from: string | null }> = {};
  if (before.description !== after.description) edits['description'] = { from: before.description };
  if (before.homepage !== after.homepage) edits['homepage'] = { from: before.homepage };
  if (before.defaultBranch !== after.defaultBranch) edits['default_branch'] = { from: before.defaultBranch };
  if (Object.keys(edits).length > 0) send('edited', edits);
}
