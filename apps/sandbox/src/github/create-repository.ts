import { z } from 'zod';
import { gitText } from '../git/run-git.js';
import { GitHubError } from './errors.js';
import type { Repository, RepositorySettings } from './model.js';
import type { CustomProperties } from './property-routes.js';
import type { World } from './world.js';

export const Settings = z.object({
  has_issues: z.boolean().default(true),
  has_projects: z.boolean().default(true),
  has_wiki: z.boolean().default(true),
  has_discussions: z.boolean().default(false),
  allow_squash_merge: z.boolean().default(true),
  allow_merge_commit: z.boolean().default(true),
  allow_rebase_merge: z.boolean().default(true),
  allow_auto_merge: z.boolean().default(false),
  allow_update_branch: z.boolean().default(false),
  allow_forking: z.boolean().default(false),
  delete_branch_on_merge: z.boolean().default(false),
  web_commit_signoff_required: z.boolean().default(false),
});

const CustomPropertyValues = z.record(z.string(), z.union([z.string(), z.array(z.string()), z.null()]));

export const NewRepository = Settings.extend({
  name: z.string().optional(),
  description: z.string().nullish(),
  homepage: z.string().nullish(),
  private: z.boolean().default(false),
  visibility: z.enum(['public', 'private', 'internal']).optional(),
  is_template: z.boolean().default(false),
  auto_init: z.boolean().default(false),
  custom_properties: CustomPropertyValues.default({}),
});
export type NewRepository = z.infer<typeof NewRepository>;

/** @throws GitHubError 422 for a name that is missing, too long or taken, and for a custom property that is not defined. */
export async function createRepository(request: NewRepository, world: World, properties: CustomProperties): Promise<Repository> {
  const name = checkName(request.name, world);
  const now = world.timestamp();
  const repository: Repository = {
    id: world.nextId('repository'),
    owner: world.organization.login,
    name,
    description: request.description ?? null,
    homepage: request.homepage ?? null,
    visibility: request.visibility ?? (request.private ? 'private' : 'public'),
    archived: false,
    isTemplate: request.is_template,
    defaultBranch: 'main',
    topics: [],
    customProperties: properties.checked(request.custom_properties),
    settings: Settings.parse(request) satisfies RepositorySettings,
    createdAt: now,
    updatedAt: now,
    pushedAt: now,
  };
  // Taken before the first wait: of two requests for one name, one must lose.
  world.saveRepository(repository);
  world.initializeGit(repository);
  if (request.auto_init) await commitReadme(repository, world);
  return repository;
}

function checkName(asked: string | undefined, world: World): string {
  if (!asked) throw creationFailed({ code: 'missing_field' });
  if (asked.length > 100) throw creationFailed({ code: 'custom', message: 'name is too long (maximum is 100 characters)' });
  // GitHub does not refuse the characters it cannot have in a name; it writes a hyphen for them.
  const name = asked.replaceAll(/[^\w.-]+/g, '-');
  if (name === '.' || name === '..') throw creationFailed({ code: 'custom', message: 'name is reserved' });
  if (world.findRepository(world.organization.login, name)) {
    throw creationFailed({ code: 'custom', message: 'name already exists on this account' });
  }
  return name;
}

function creationFailed(error: { code: string; message?: string }): GitHubError {
  return new GitHubError(422, 'Repository creation failed.', [{ resource: 'Repository', field: 'name', ...error }]);
}

async function commitReadme(repository: Repository, world: World): Promise<void> {
  const cwd = world.gitDirectory(repository);
  const text = `# ${repository.name}\n${repository.description ? `${repository.description}\n` : ''}`;
  const blob = await gitText(['hash-object', '-w', '--stdin'], { cwd, input: text });
  const tree = await gitText(['mktree'], { cwd, input: `100644 blob ${blob}\tREADME.md\n` });
  const { name, email } = world.viewer;
  const date = world.timestamp();
  const env = {
    GIT_AUTHOR_NAME: name, GIT_AUTHOR_EMAIL: email, GIT_AUTHOR_DATE: date,
    GIT_COMMITTER_NAME: 'GitHub', GIT_COMMITTER_EMAIL: 'noreply@github.com', GIT_COMMITTER_DATE: date,
  };
  const commit = await gitText(['commit-tree', tree, '-m', 'Initial commit'], { cwd, env });
  await gitText(['update-ref', `refs/heads/${repository.defaultBranch}`, commit], { cwd });
}
