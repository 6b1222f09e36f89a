import type { components } from '@octokit/openapi-types';
import type { Commit, Person } from '../git/commits.js';
import { simpleUser } from './account-view.js';
import type { Repository } from './model.js';
import { nodeId } from './node-id.js';
import { fullName } from './repository-view.js';
import type { World } from './world.js';

const UNSIGNED = { verified: false, reason: 'unsigned', signature: null, payload: null, verified_at: null };

/** A commit as the REST API lists it. */
export function restCommit(commit: Commit, repository: Repository, world: World) {
  const api = `${world.apiUrl}/repos/${fullName(repository)}`;
  const html = `${world.url}/${fullName(repository)}/commit`;
  return {
    sha: commit.sha,
    node_id: nodeId('C', commit.sha),
    commit: {
      author: person(commit.author),
      committer: person(commit.committer),
      message: commit.message,
      tree: { sha: commit.tree, url: `${api}/git/trees/${commit.tree}` },
      url: `${api}/git/commits/${commit.sha}`,
      comment_count: 0,
      verification: UNSIGNED,
    },
    url: `${api}/commits/${commit.sha}`,
    html_url: `${html}/${commit.sha}`,
    comments_url: `${api}/commits/${commit.sha}/comments`,
    author: accountOf(commit.author, world),
    committer: accountOf(commit.committer, world),
    parents: commit.parents.map((sha) => ({ sha, url: `${api}/commits/${sha}`, html_url: `${html}/${sha}` })),
  } satisfies components['schemas']['commit'];
}

/** A commit as the Git data API shows the object. */
export function gitCommit(commit: Commit, repository: Repository, world: World) {
  const { sha, node_id: nodeIdOfIt, html_url: html, parents, commit: shown } = restCommit(commit, repository, world);
  const { author, committer, message, tree, url, verification } = shown;
  const git = `${world.apiUrl}/repos/${fullName(repository)}/git/commits`;
  const ofGit = parents.map((parent) => ({ ...parent, url: `${git}/${parent.sha}` }));
  return {
    sha, node_id: nodeIdOfIt, url, html_url: html, author, committer, tree, message, parents: ofGit, verification,
  } satisfies components['schemas']['git-commit'];
}

/** A commit as the head of a workflow run or check suite. */
export function headCommit({ sha, tree, message, author, committer }: Commit) {
  return {
    id: sha,
    tree_id: tree,
    message,
    timestamp: committer.date,
    author: { name: author.name, email: author.email },
    committer: { name: committer.name, email: committer.email },
  };
}

/** A commit as a push webhook carries it. */
export function pushCommit(commit: Commit, repository: Repository, world: World) {
  return {
    id: commit.sha,
    tree_id: commit.tree,
    distinct: true,
    message: commit.message,
    timestamp: commit.author.date,
    url: `${world.url}/${fullName(repository)}/commit/${commit.sha}`,
    author: { name: commit.author.name, email: commit.author.email, date: commit.author.date },
    committer: { name: commit.committer.name, email: commit.committer.email, date: commit.committer.date },
    added: commit.added,
    removed: commit.removed,
    modified: commit.modified,
  };
}

/** GitHub shows commit dates in UTC, whatever offset they were made in. */
function person(author: Person): Person {
  return { ...author, date: new Date(author.date).toISOString().replace(/\.\d+Z$/, 'Z') };
}

function accountOf(author: Person, world: World) {
  return author.email === world.viewer.email ? simpleUser(world.viewer, world) : null;
}
