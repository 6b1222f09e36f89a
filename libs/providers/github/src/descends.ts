import { type CommitGraph, StepError } from '@slipway/engine';
import type { GithubClient } from './client.js';

/** By GitHub's comparison of two commits, for the repositories under the integration's own address. */
export function githubCommits(github: GithubClient): CommitGraph {
  return {
    async descends(ctx, { repositoryUrl, ancestor, commit }) {
      const place = placeOf(github.config.url, repositoryUrl);
      if (!place) return undefined;
      const what = `compare ${ancestor.slice(0, 7)} with ${commit.slice(0, 7)} in ${place.owner}/${place.repo}`;
      try {
        // One page with one commit: the status is all that we read.
        const asked = { ...place, basehead: `${ancestor}...${commit}`, per_page: 1 };
        const scope = { needs: { contents: 'read' }, repository: `${place.owner}/${place.repo}` } as const;
        const { data } = await github.call(ctx, {
          ...{ what, ...scope },
          send: (octokit) => octokit.rest.repos.compareCommitsWithBasehead(asked),
        });
        return data.status === 'ahead' || data.status === 'identical';
      } catch (error) {
        // GitHub does not know one of the two, or no ancestor that both have.
        if (error instanceof StepError && error.code === 'github_not_found') return false;
        throw error;
      }
    },
  };
}

function placeOf(server: string, repositoryUrl: string): { owner: string; repo: string } | undefined {
  const prefix = `${server.toLowerCase()}/`;
  if (!repositoryUrl.toLowerCase().startsWith(prefix)) return undefined;
  const [owner, repo, ...rest] = repositoryUrl.slice(prefix.length).replace(/\/+$/, '').replace(/\.git$/i, '').split('/');
  return owner && repo && rest.length === 0 ? { owner, repo } : undefined;
}
