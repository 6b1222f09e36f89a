/**
 * What is known of an entity's repository, each fact with the time by which the other side orders it: events come late,
 * twice and out of order. Times are ISO 8601.
 */
export interface RepositoryFacts {
  state?: RepositoryState;
  commit?: HeadCommit;
  /** Of the newest commits, newest last. */
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

/** Of the default branch. */
export interface HeadCommit {
  branch: string;
  sha: string;
  /** What the branch was at before; null: not told. */
  before: string | null;
  message: string;
  author: string;
  url: string;
  /** When it was made, which says nothing about when it was pushed. */
  madeAt: string;
  at: string;
}

/** Everything that one system checks about one commit: a check suite, as GitHub calls it. */
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
