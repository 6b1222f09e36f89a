import type { Collection } from '../../core/store.js';
import { isRefName, updateRef } from '../../git/objects.js';
import { GitHubError } from '../errors.js';
import type { Repository } from '../model.js';
import type { Pushes } from '../pushes.js';
import { requireRefs } from '../require-refs.js';
import type { Webhooks } from '../webhooks.js';
import { keyIn, type World } from '../world.js';
import { releaseView } from './release-view.js';

export interface Release {
  id: number;
  repositoryId: number;
  tag: string;
  target: string;
  name: string | null;
  body: string | null;
  draft: boolean;
  prerelease: boolean;
  createdAt: string;
  publishedAt: string | null;
}

export interface NewRelease {
  tag_name: string;
  target_commitish?: string | undefined;
  name?: string | undefined;
  body?: string | undefined;
  draft?: boolean | undefined;
  prerelease?: boolean | undefined;
}

/** Releases without assets. Publishing one makes its tag where there is none, which is a push like any other. */
export class Releases {
  readonly #releases: Collection<Release>;

  constructor(
    private readonly world: World,
    private readonly webhooks: Webhooks,
    private readonly pushes: Pushes,
  ) {
    this.#releases = world.collectionOfRepositories('releases');
  }

  async create(repository: Repository, asked: NewRelease): Promise<Release> {
    const { tag_name: tag, target_commitish: target = repository.defaultBranch, draft = false, prerelease = false } = asked;
    if (this.list(repository).some((release) => release.tag === tag && !release.draft)) {
      throw new GitHubError(422, 'Validation Failed', [{ resource: 'Release', code: 'already_exists', field: 'tag_name' }]);
    }
    if (!draft) await this.#ensureTag(repository, tag, target);
    const now = this.world.timestamp();
    const id = this.world.nextId('release');
    const text = { name: asked.name ?? null, body: asked.body ?? null };
    const release: Release = { id, repositoryId: repository.id, tag, target, ...text, draft, prerelease, createdAt: now, publishedAt: draft ? null : now };
    this.#releases.set(keyOf(release), release);
    // GitHub tells of a draft to nobody, and of what is published three times.
    if (!draft) for (const action of ['created', 'published', ...(prerelease ? [] : ['released'])]) this.#send(repository, release, action);
    return release;
  }

  /** Newest first. */
  list(repository: Repository): Release[] {
    return this.#releases.list(keyIn(repository)).map(({ value }) => value).reverse();
  }

  /** Neither a draft nor a prerelease. */
  latest(repository: Repository): Release | undefined {
    return this.list(repository).find(({ draft, prerelease }) => !draft && !prerelease);
  }

  remove(repository: Repository, release: Release): void {
    this.#releases.delete(keyOf(release));
    if (!release.draft) this.#send(repository, release, 'deleted');
  }

  async #ensureTag(repository: Repository, tag: string, target: string): Promise<void> {
    const refs = await requireRefs(repository, this.world);
    const ref = `refs/tags/${tag}`;
    if (refs.has(ref)) return;
    const sha = refs.get(`refs/heads/${target}`) ?? target;
    if (!(await isRefName(ref)) || !/^[0-9a-f]{40}$/.test(sha)) {
      throw new GitHubError(422, 'Validation Failed', [{ resource: 'Release', code: 'invalid', field: 'target_commitish' }]);
    }
    await updateRef(this.world.gitDirectory(repository), ref, sha);
    await this.pushes.follow(repository, refs);
  }

  #send(repository: Repository, release: Release, action: string): void {
    this.webhooks.send(repository, 'release', { action, release: releaseView(release, repository, this.world) });
  }
}

function keyOf({ repositoryId, id }: Release): string {
  return `${keyIn({ id: repositoryId })}${String(id).padStart(12, '0')}`;
}
