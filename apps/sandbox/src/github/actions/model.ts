export interface Workflow {
  id: number;
  path: string;
  name: string;
  createdAt: string;
}

export type Conclusion = 'success' | 'failure' | 'cancelled';

export interface Run {
  id: number;
  number: number;
  attempt: number;
  repositoryId: number;
  workflowId: number;
  workflowName: string;
  path: string;
  title: string;
  event: 'push' | 'workflow_dispatch';
  /** `refs/heads/main`, `refs/tags/v1`. */
  ref: string;
  sha: string;
  status: 'queued' | 'in_progress' | 'completed';
  conclusion: Conclusion | null;
  jobs: Job[];
  createdAt: string;
  updatedAt: string;
  /** Of this attempt. */
  startedAt: string;
  /** Sandbox time in milliseconds at which it goes on: from queued to in progress, then to its end. */
  dueAt: number;
}

export interface Job {
  id: number;
  name: string;
  environment: string | undefined;
  steps: string[];
  labels: string[];
  writesPackages: boolean;
  startedAt: string | null;
  completedAt: string | null;
}
