import { GitHubError } from './errors.js';
import type { Repository } from './model.js';
import type { World } from './world.js';

/** @throws GitHubError 409 on an empty repository, whose git data GitHub neither shows nor takes. */
export async function requireRefs(repository: Repository, world: World): Promise<Map<string, string>> {
  const refs = await world.refs(repository);
  if (refs.size === 0) throw new GitHubError(409, 'Git Repository is empty.');
  return refs;
}
