import type { components } from '@octokit/openapi-types';
import { simpleUser } from '../account-view.js';
import type { Repository } from '../model.js';
import { nodeId } from '../node-id.js';
import { fullName } from '../repository-view.js';
import type { World } from '../world.js';
import type { Release } from './releases.js';

export function releaseView(release: Release, repository: Repository, world: World) {
  const name = fullName(repository);
  const api = `${world.apiUrl}/repos/${name}`;
  return {
    url: `${api}/releases/${release.id}`,
    html_url: `${world.url}/${name}/releases/tag/${release.tag}`,
    assets_url: `${api}/releases/${release.id}/assets`,
    upload_url: `${api}/releases/${release.id}/assets{?name,label}`,
    tarball_url: `${api}/tarball/${release.tag}`,
    zipball_url: `${api}/zipball/${release.tag}`,
    id: release.id,
    node_id: nodeId('RE', release.id),
    tag_name: release.tag,
    target_commitish: release.target,
    name: release.name,
    body: release.body,
    draft: release.draft,
    immutable: false,
    prerelease: release.prerelease,
    created_at: release.createdAt,
    updated_at: release.publishedAt ?? release.createdAt,
    published_at: release.publishedAt,
    author: simpleUser(world.viewer, world),
    assets: [],
  } satisfies components['schemas']['release'];
}
