import type { components } from '@octokit/openapi-types';
import type { FileChange } from '../../git/history.js';
import type { Repository } from '../model.js';
import { fullName } from '../repository-view.js';
import type { World } from '../world.js';

/** A changed file as commits, comparisons and pull requests list it. */
export function fileChangeView(change: FileChange, commit: string, repository: Repository, world: World) {
  const path = change.filename.split('/').map(encodeURIComponent).join('/');
  const html = `${world.url}/${fullName(repository)}`;
  return {
    sha: change.sha,
    filename: change.filename,
    status: change.status,
    additions: change.additions,
    deletions: change.deletions,
    changes: change.additions + change.deletions,
    blob_url: `${html}/blob/${commit}/${path}`,
    raw_url: `${html}/raw/${commit}/${path}`,
    contents_url: `${world.apiUrl}/repos/${fullName(repository)}/contents/${path}?ref=${commit}`,
    ...(change.patch !== undefined && { patch: change.patch }),
    ...(change.previousFilename !== undefined && { previous_filename: change.previousFilename }),
  } satisfies components['schemas']['diff-entry'];
}
