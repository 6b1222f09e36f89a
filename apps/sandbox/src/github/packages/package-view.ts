import type { components } from '@octokit/openapi-types';
import { simpleUser } from '../account-view.js';
import type { PublishedImage } from '../published-images.js';
import { minimalRepository } from '../repository-view.js';
import type { World } from '../world.js';

type Schemas = components['schemas'];

/** A package is named without its owner, and in a URL with its slashes escaped. */
export function packageUrls(image: string, world: World): { name: string; api: string; html: string } {
  const { login } = world.organization;
  const name = image.slice(login.length + 1);
  const path = `orgs/${login}/packages/container`;
  return { name, api: `${world.apiUrl}/${path}/${encodeURIComponent(name)}`, html: `${world.url}/${path}/${name}` };
}

/** `versions` is not empty, newest first. */
export function packageView(versions: readonly PublishedImage[], world: World): Schemas['package'] {
  const [newest, oldest] = [versions[0], versions.at(-1)];
  if (!newest || !oldest) throw new Error('A package without versions is none');
  const { name, api, html } = packageUrls(newest.name, world);
  const repository = world.repositoryById(newest.repositoryId);
  return {
    id: newest.repositoryId,
    name,
    package_type: 'container',
    owner: simpleUser(world.organization, world),
    version_count: versions.length,
    visibility: newest.visibility === 'public' ? 'public' : 'private',
    url: api,
    created_at: oldest.publishedAt,
    updated_at: newest.publishedAt,
    ...(repository && { repository: minimalRepository(repository, world) }),
    html_url: html,
  };
}

export function packageVersionView(image: PublishedImage, world: World): Schemas['package-version'] {
  const { api, html } = packageUrls(image.name, world);
  return {
    id: image.id,
    name: image.digest,
    url: `${api}/versions/${image.id}`,
    package_html_url: html,
    html_url: `${html}/${image.id}`,
    created_at: image.publishedAt,
    updated_at: image.publishedAt,
    metadata: { package_type: 'container', container: { tags: image.tags } },
  };
}
