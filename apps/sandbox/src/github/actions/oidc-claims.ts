import type { Repository } from '../model.js';
import { fullName } from '../repository-view.js';
import type { World } from '../world.js';
import type { Job, Run } from './model.js';

/** How the subject is made: GitHub's own way, or from these claims. */
export interface SubjectTemplate {
  useDefault: boolean;
  claimKeys: string[];
  /** undefined: as the repository's age says. */
  immutable: boolean | undefined;
}

/** From this day on, repositories made or renamed have subjects that a new owner of the name cannot mint. */
const IMMUTABLE_SINCE = '2026-07-15T00:00:00Z';

/** What a job's token says of it, the subject included. */
export function claimsOf(run: Run, job: Job, repository: Repository, template: SubjectTemplate, world: World): Record<string, string> {
  const name = fullName(repository);
  const workflowRef = `${name}/${run.path}@${run.ref}`;
  const claims = {
    ref: run.ref,
    ref_type: run.ref.startsWith('refs/tags/') ? 'tag' : 'branch',
    ref_protected: 'false',
    sha: run.sha,
    repository: name,
    repository_id: String(repository.id),
    repository_owner: repository.owner,
    repository_owner_id: String(world.ownerOf(repository).id),
    repository_visibility: repository.visibility,
    run_id: String(run.id),
    run_number: String(run.number),
    run_attempt: String(run.attempt),
    runner_environment: 'github-hosted',
    actor: world.viewer.login,
    actor_id: String(world.viewer.id),
    workflow: run.workflowName,
    workflow_ref: workflowRef,
    workflow_sha: run.sha,
    job_workflow_ref: workflowRef,
    job_workflow_sha: run.sha,
    head_ref: '',
    base_ref: '',
    event_name: run.event,
    ...(job.environment !== undefined && { environment: job.environment }),
  };
  return { sub: subjectOf(claims, job, repository, template, world), ...claims };
}

function subjectOf(
  claims: Record<string, string>,
  job: Job,
  repository: Repository,
  template: SubjectTemplate,
  world: World,
): string {
  const immutable = template.immutable ?? (repository.renamedAt ?? repository.createdAt) >= IMMUTABLE_SINCE;
  const repo = immutable ? `${repository.owner}@${world.ownerOf(repository).id}/${repository.name}@${repository.id}` : fullName(repository);
  const context = job.environment !== undefined ? `environment:${job.environment}` : `ref:${claims['ref']}`;
  if (template.useDefault) return `repo:${repo}:${context}`;
  const part = (key: string) => (key === 'repo' ? `repo:${repo}` : key === 'context' ? context : `${key}:${claims[key] ?? ''}`);
  return template.claimKeys.map(part).join(':');
}
