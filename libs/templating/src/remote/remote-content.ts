import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StepError } from '@slipway/engine';
import { unpack } from '../workspace/archive.js';
import { findFile, onlyBelow } from './below.js';
import { checkedUrl } from './allowed-host.js';
import type { AllowedHost, RemoteLimits } from './allowed-host.js';
import { archiveOfRepository, refsOfRepository } from './git.js';
import { download } from './download.js';
import { parseRepositoryUrl } from './repository-url.js';
import type { RepositoryUrl } from './repository-url.js';

export interface RemoteOptions {
  signal: AbortSignal;
  /** In place of what the host is configured with. */
  token?: string;
}

/** What templates may fetch from elsewhere. Refusals are `StepError`s, made before anything is connected to. */
export interface RemoteContent {
  /** A repository's folder, into an empty one. */
  fetchFolder(url: string, to: string, options: RemoteOptions): Promise<void>;
  /** One file, into a folder of its own; answers its path. */
  fetchFile(url: string, to: string, options: RemoteOptions): Promise<string>;
  /** The same url, its branch or tag replaced by the commit that is there now. A url that names no repository stays. */
  pin(url: string, options: RemoteOptions): Promise<string>;
}

const defaults: RemoteLimits = { bytes: 64 * 1024 * 1024, timeoutMs: 120_000 };

/** Over https and git over https, from these hosts alone, and from the address that was looked at. */
export function createRemoteContent(hosts: readonly AllowedHost[], limits: Partial<RemoteLimits> = {}): RemoteContent {
  const bounds = { ...defaults, ...limits };
  const access = (url: string, options: RemoteOptions) => {
    const { host } = checkedUrl(url, hosts);
    const signal = AbortSignal.any([options.signal, AbortSignal.timeout(bounds.timeoutMs)]);
    return { host, hosts, limits: bounds, signal, token: options.token };
  };
  return {
    fetchFolder: async (url, to, options) => {
      const way = access(url, options);
      const repository = repositoryOf(url);
      const place = await placeOf(repository, way);
      await unpack(await archiveOfRepository(repository, place.revision, way), to);
      await onlyBelow(to, place.path);
    },
    fetchFile: async (url, to, options) => {
      const way = access(url, options);
      const repository = parseRepositoryUrl(url);
      const file = join(to, 'fetched');
      if (!repository?.rest) {
        await writeFile(file, await download(url, way));
        return file;
      }
      const place = await placeOf(repository, way);
      const folder = join(to, 'repository');
      await mkdir(folder);
      await unpack(await archiveOfRepository(repository, place.revision, way), folder);
      return findFile(folder, place.path);
    },
    pin: async (url, options) => {
      const repository = parseRepositoryUrl(url);
      const way = access(url, options);
      if (!repository) return url;
      const { revision, path } = await placeOf(repository, way);
      return repository.pinned(revision, path);
    },
  };
}

/** For installations that allow nothing from elsewhere. */
export const noRemoteContent: RemoteContent = createRemoteContent([]);

function repositoryOf(url: string): RepositoryUrl {
  const repository = parseRepositoryUrl(url);
  if (!repository)
    throw new StepError('fatal', 'remote_refused', `"${url}" names no repository, and so no folder.`, {
      remedy: 'Give https://host/owner/repository, with /tree/<branch>/<folder> behind it if need be.',
    });
  return repository;
}

/**
 * The commit, and the path in it. A branch may have slashes in its name, so that only the repository can say where the
 * branch ends and the path begins.
 */
async function placeOf(repository: RepositoryUrl, way: Parameters<typeof refsOfRepository>[1]): Promise<{ revision: string; path: string }> {
  const [first = '', ...others] = repository.rest?.split('/') ?? [];
  if (/^[0-9a-f]{40}$/.test(first)) return { revision: first, path: others.join('/') };
  const refs = await refsOfRepository(repository, way);
  if (!repository.rest) return { revision: commitOf(refs, 'HEAD', repository), path: '' };
  const rest = `${repository.rest}/`;
  const names = [...refs.keys()].filter((name) => rest.startsWith(`${name}/`)).sort((a, b) => b.length - a.length);
  const [name = first] = names;
  return { revision: commitOf(refs, name, repository), path: repository.rest.slice(name.length + 1) };
}

function commitOf(refs: ReadonlyMap<string, string>, name: string, repository: RepositoryUrl): string {
  const commit = refs.get(name);
  if (commit) return commit;
  throw new StepError('fatal', 'remote_missing', `There is no branch or tag "${name}" in ${repository.clone}.`);
}
