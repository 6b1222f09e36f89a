import { StepError } from '@slipway/engine';
import type { CallContext, GithubClient } from './client.js';

/** What we use of GitHub's repository. */
export interface Repository {
  id: number;
  owner: string;
  ownerId: number;
  name: string;
  fullName: string;
  htmlUrl: string;
  cloneUrl: string;
  defaultBranch: string;
  description: string | null;
  archived: boolean;
  /** ISO 8601. */
  createdAt: string | null;
}

/** Undefined where there is none, or none that our token may see: GitHub does not tell these apart. */
export async function findRepository(github: GithubClient, ctx: CallContext, fullName: string): Promise<Repository | undefined> {
  const [owner = '', repo = ''] = fullName.split('/');
  try {
    const look = { what: `look for the repository ${fullName}`, needs: { metadata: 'read' } } as const;
    return toRepository(
      await github.call(ctx, { ...look, send: async (octokit) => (await octokit.rest.repos.get({ owner, repo })).data }),
    );
  } catch (error) {
    if (error instanceof StepError && error.code === 'github_not_found') return undefined;
    throw error;
  }
}

interface WireRepository {
  /** Octokit parses whole numbers beyond 2^53 as bigint; GitHub's ids are far below. */
  id: number | bigint;
  name: string;
  full_name: string;
  owner: { login: string; id: number | bigint };
  html_url: string;
  clone_url?: string;
  default_branch: string;
  description: string | null;
  archived: boolean;
  created_at?: string | null;
}

export function toRepository(wire: WireRepository): Repository {
  return {
    id: Number(wire.id),
    owner: wire.owner.login,
    ownerId: Number(wire.owner.id),
    name: wire.name,
    fullName: wire.full_name,
    htmlUrl: wire.html_url,
    cloneUrl: wire.clone_url ?? `${wire.html_url}.git`,
    defaultBranch: wire.default_branch,
    description: wire.description,
    archived: wire.archived,
    createdAt: wire.created_at ?? null,
  };
}
