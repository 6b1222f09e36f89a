import { StepError } from '@slipway/engine';
import { z } from 'zod';
import type { GithubConfig } from './config.js';

/** Which repository a step is about: `repository`, or `repoUrl` as Backstage's RepoUrlPicker gives it. */
export const repositoryPlace = {
  /** owner/name */
  repository: z
    .string()
    .regex(/^[A-Za-z0-9-]+\/[A-Za-z0-9._-]{1,100}$/, 'must be owner/name')
    .optional(),
  /** host?owner=owner&repo=name */
  repoUrl: z.string().regex(/^[^?\s]+\?\S+$/, 'must be host?owner=owner&repo=name').optional(),
  /** Of a person who asked, in Backstage. The integration's own credential is used. */
  token: z.string().optional(),
};

interface RepositoryPlace {
  repository?: string | undefined;
  repoUrl?: string | undefined;
}

/** For `refine`. */
export const oneRepository = [
  (place: RepositoryPlace): boolean => (place.repository === undefined) !== (place.repoUrl === undefined),
  { path: ['repository'], message: 'either `repository` or `repoUrl` must be given, and not both' },
] as [(place: RepositoryPlace) => boolean, { path: string[]; message: string }];

/** owner/name. @throws StepError where the address is another host's, or names no repository. */
export function fullNameOf({ url, org }: GithubConfig, { repository, repoUrl }: RepositoryPlace): string {
  if (repository !== undefined) return repository;
  const [host = '', query = ''] = (repoUrl ?? '').split('?', 2);
  const asked = new URLSearchParams(query);
  const [owner, name] = [asked.get('owner') ?? org, asked.get('repo') ?? ''];
  const ours = new URL(url).host;
  if (host.replace(/\/+$/, '').toLowerCase() !== ours) {
    throw invalid(`"${repoUrl}" is at ${host}, and the GitHub integration here is for ${ours}`);
  }
  if (!/^[A-Za-z0-9-]+$/.test(owner) || !/^[A-Za-z0-9._-]{1,100}$/.test(name)) throw invalid(`"${repoUrl}" names no repository of GitHub`);
  return `${owner}/${name}`;
}

/** What a plan shows where an expression still stands in the address. */
export function foreseenName(config: GithubConfig, place: RepositoryPlace): string {
  try {
    return fullNameOf(config, place);
  } catch {
    return place.repoUrl ?? '';
  }
}

function invalid(why: string): StepError {
  return new StepError('fatal', 'github_repository_invalid', `Which repository is meant? ${why}.`, {
    remedy: 'Give repository: owner/name, or repoUrl: host?owner=owner&repo=name.',
  });
}

export function ownerAndRepo(fullName: string): { owner: string; repo: string } {
  const [owner = '', repo = ''] = fullName.split('/');
  return { owner, repo };
}
