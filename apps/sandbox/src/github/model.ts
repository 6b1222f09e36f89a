/** What the GitHub stand-in keeps. Its wire shapes are made from these by the *-view files. */

export interface Repository {
  id: number;
  owner: string;
  name: string;
  description: string | null;
  homepage: string | null;
  visibility: 'public' | 'private' | 'internal';
  archived: boolean;
  isTemplate: boolean;
  defaultBranch: string;
  topics: string[];
  customProperties: Record<string, string | string[] | null>;
  settings: RepositorySettings;
  /** ISO 8601, whole seconds. */
  createdAt: string;
  updatedAt: string;
  pushedAt: string;
  renamedAt?: string;
}

/** Switches that GitHub names the same in requests and answers. */
export interface RepositorySettings {
  has_issues: boolean;
  has_projects: boolean;
  has_wiki: boolean;
  has_discussions: boolean;
  allow_squash_merge: boolean;
  allow_merge_commit: boolean;
  allow_rebase_merge: boolean;
  allow_auto_merge: boolean;
  allow_update_branch: boolean;
  allow_forking: boolean;
  delete_branch_on_merge: boolean;
  web_commit_signoff_required: boolean;
}

export interface Hook {
  id: number;
  /** Organisation hooks belong to an owner alone, repository hooks to a repository too. */
  owner: string;
  repositoryId: number | null;
  active: boolean;
  events: string[];
  config: { url: string; content_type: 'json' | 'form'; insecure_ssl: '0' | '1'; secret?: string };
  createdAt: string;
  updatedAt: string;
  lastResponse: { code: number | null; status: string; message: string | null };
}

export interface Delivery {
  id: number;
  guid: string;
  hookId: number;
  event: string;
  action: string | null;
  repositoryId: number | null;
  deliveredAt: string;
  redelivery: boolean;
  /** Seconds. */
  duration: number;
  status: string;
  statusCode: number;
  url: string;
  /** The payload as JSON, as in the body that was sent. */
  request: { headers: Record<string, string>; payload: string };
  response: { headers: Record<string, string>; payload: string };
}

export interface Account {
  login: string;
  id: number;
  type: 'User' | 'Organization';
  name: string;
  email: string;
  createdAt: string;
}
