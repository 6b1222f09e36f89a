import type { Run } from '../actions/model.js';
import { simpleUser } from '../account-view.js';
import type { Repository } from '../model.js';
import { nodeId } from '../node-id.js';
import type { PublishedImage, PublishedImages } from '../published-images.js';
import { eventRepository, fullName } from '../repository-view.js';
import type { Webhooks } from '../webhooks.js';
import type { World } from '../world.js';
import { packageUrls } from './package-view.js';

const TAGS = 'refs/tags/';

/**
 * What a run for a tag leaves behind where a job of it may write packages: the image of that commit, under the tag's name, as
 * `docker/build-push-action` would push `ghcr.io/${{ github.repository }}:${{ github.ref_name }}`.
 */
export function publishImage(repository: Repository, run: Run, images: PublishedImages, world: World, webhooks: Webhooks): void {
  if (!run.ref.startsWith(TAGS) || !run.jobs.some(({ writesPackages }) => writesPackages)) return;
  const tag = run.ref.slice(TAGS.length);
  const { id, visibility } = repository;
  const image = images.publish({
    id: world.nextId('image'),
    name: fullName(repository).toLowerCase(),
    tag,
    repositoryId: id,
    commit: run.sha,
    visibility,
    publishedAt: world.timestamp(),
  });
  webhooks.send(repository, 'registry_package', { action: 'published', registry_package: packageEvent(image, tag, repository, world) });
  webhooks.send(repository, 'package', { action: 'published', package: packageEvent(image, tag, repository, world) });
}

function packageEvent(image: PublishedImage, tag: string, repository: Repository, world: World) {
  const { name, html } = packageUrls(image.name, world);
  const owner = simpleUser(world.organization, world);
  const labels = { description: '', source: '', revision: image.commit, image_url: '', licenses: '', all_labels: {} };
  return {
    id: image.repositoryId,
    name,
    namespace: repository.owner,
    description: '',
    ecosystem: 'CONTAINER',
    package_type: 'CONTAINER',
    html_url: html,
    created_at: image.publishedAt,
    updated_at: image.publishedAt,
    owner,
    package_version: {
      id: image.id,
      version: image.digest,
      name: image.digest,
      description: '',
      summary: '',
      manifest: '',
      html_url: `${html}/${image.id}`,
      target_commitish: repository.defaultBranch,
      target_oid: image.commit,
      created_at: image.publishedAt,
      updated_at: image.publishedAt,
      metadata: [],
      container_metadata: {
        tag: { name: tag, digest: image.digest },
        labels,
        manifest: {
          digest: image.digest,
          media_type: 'application/vnd.oci.image.index.v1+json',
          uri: `repositories/${image.name}/manifests/${image.digest}`,
          size: 0,
          config: { digest: image.digest, media_type: 'application/vnd.oci.image.config.v1+json', size: 0 },
          layers: [],
        },
      },
      package_files: [],
      installation_command: `docker pull ghcr.io/${image.name}:${tag}`,
      package_url: `ghcr.io/${image.name}:${tag}`,
      author: simpleUser(world.viewer, world),
      source_url: `${world.url}/${fullName(repository)}`,
    },
    registry: {
      about_url: 'https://docs.github.com/packages/learn-github-packages/introduction-to-github-packages',
      name: 'GitHub CONTAINER registry',
      type: 'CONTAINER',
      url: `https://ghcr.io/${image.name}`,
      vendor: 'GitHub Inc',
    },
    node_id: nodeId('PACKAGE', image.repositoryId),
    repository: eventRepository(repository, world),
  };
}
