/** What can be told of a repository, each part with the time by which GitHub orders it. Times are ISO 8601. */
export interface RepositoryFacts {
  state?: RepositoryState;
  commit?: HeadCommit;
  checks?: Check[];
  release?: Release;
  image?: Image;
}

export interface RepositoryState {
  fullName: string;
  url: string;
  defaultBranch: string;
  condition: 'active' | 'archived' | 'deleted';
  at: string;
}

/** `madeAt` is the commit's own time, `at` that of the push. */
export interface HeadCommit {
  branch: string;
  sha: string;
  before: string | null;
  message: string;
  author: string;
  url: string;
  madeAt: string;
  at: string;
}

/** A check suite; a workflow run is one. */
export interface Check {
  id: string;
  sha: string;
  name: string;
  status: 'queued' | 'in_progress' | 'completed';
  conclusion: string | null;
  url: string | null;
  attempt: number;
  at: string;
}

export interface Release {
  id: string;
  tag: string;
  name: string;
  url: string;
  at: string;
}

export interface Image {
  name: string;
  tag: string;
  digest: string;
  url: string;
  at: string;
}
