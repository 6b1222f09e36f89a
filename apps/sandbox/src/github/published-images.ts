import { createHash } from 'node:crypto';
import type { Collection, Store } from '../core/store.js';

/** GitHub's registry, as image references name it. */
const REGISTRY = 'ghcr.io';

export interface PublishedImage {
  id: number;
  /** `acme/shop`, lower case: what an image reference holds between the registry and the tag. */
  name: string;
  /** `sha256:…` */
  digest: string;
  tags: string[];
  /** The repository whose workflow pushed it, and the commit it was built from. */
  repositoryId: number;
  commit: string;
  visibility: 'public' | 'private' | 'internal';
  /** ISO 8601. */
  publishedAt: string;
}

/**
 * What the container registry holds: images that workflow runs pushed. GitHub's stand-in publishes; the cluster's asks with
 * `find` before it starts a pod. Both may construct their own, over the same store.
 */
export class PublishedImages {
  readonly #images: Collection<PublishedImage>;

  constructor(store: Store) {
    this.#images = store.collection('github.images');
  }

  /** A tag that another image of this name had moves to this one; the same commit gives the same digest again. */
  publish(image: Omit<PublishedImage, 'digest' | 'tags'> & { tag: string }): PublishedImage {
    const { tag, ...rest } = image;
    const digest = `sha256:${createHash('sha256').update(`${image.name}@${image.commit}`).digest('hex')}`;
    for (const other of this.versions(image.name)) {
      if (other.tags.includes(tag)) this.#save({ ...other, tags: other.tags.filter((one) => one !== tag) });
    }
    const kept = this.versions(image.name).find((other) => other.digest === digest);
    return this.#save(kept ? { ...kept, tags: [tag, ...kept.tags] } : { ...rest, digest, tags: [tag] });
  }

  /** The image of a reference such as `ghcr.io/acme/shop:v1` or `ghcr.io/acme/shop@sha256:…`; without a tag, `latest`. */
  find(reference: string): PublishedImage | undefined {
    const match = /^(?<registry>[^/]+)\/(?<name>[^:@]+)(?::(?<tag>[^@]+))?(?:@(?<digest>sha256:[0-9a-f]{64}))?$/.exec(reference);
    if (!match?.groups || match.groups['registry'] !== REGISTRY) return undefined;
    const { name = '', tag, digest } = match.groups;
    return this.versions(name).find((image) => (digest ? image.digest === digest : image.tags.includes(tag ?? 'latest')));
  }

  /** Whether the reference names this registry. What lies in others the sandbox does not know. */
  isOurs(reference: string): boolean {
    return reference.startsWith(`${REGISTRY}/`);
  }

  /** Newest first. */
  versions(name: string): PublishedImage[] {
    return this.#images.list(`${name.toLowerCase()}@`).map(({ value }) => value).sort((a, b) => b.id - a.id);
  }

  names(): string[] {
    return [...new Set(this.#images.list().map(({ value }) => value.name))];
  }

  remove(name: string): void {
    for (const { key } of this.#images.list(`${name.toLowerCase()}@`)) this.#images.delete(key);
  }

  clear(): void {
    this.#images.clear();
  }

  #save(image: PublishedImage): PublishedImage {
    this.#images.set(`${image.name}@${image.digest}`, image);
    return image;
  }
}
