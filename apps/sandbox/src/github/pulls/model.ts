import type { Label } from '../issues/labels.js';

export interface PullRequest {
  id: number;
  number: number;
  repositoryId: number;
  title: string;
  body: string | null;
  state: 'open' | 'closed';
  draft: boolean;
  /** Absent: of a home that an earlier version wrote. */
  labels?: Label[];
  /** Branch names, and the commits they were at when last looked; those of a closed one stay. */
  base: { ref: string; sha: string };
  head: { ref: string; sha: string };
  mergeCommit: string | null;
  createdAt: string;
  updatedAt: string;
  closedAt: string | null;
  mergedAt: string | null;
}
