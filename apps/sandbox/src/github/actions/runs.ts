import type { Collection } from '../../core/store.js';
import { readCommit } from '../../git/commits.js';
import { changedFiles } from '../../git/history.js';
import { checkRunEvent, checkSuiteEvent } from '../checks/check-view.js';
import { GitHubError } from '../errors.js';
import { checkOfJob, suiteOfRun } from './run-checks.js';
import type { Repository } from '../model.js';
import { NOTHING, type RefChange } from '../pushes.js';
import { fullName } from '../repository-view.js';
import type { Webhooks } from '../webhooks.js';
import { keyIn, type World } from '../world.js';
import type { Conclusion, Job, Run } from './model.js';
import { jobEventView, runView, workflowView } from './run-view.js';
import { asksForPaths, startsOnPush, type JobFile } from './workflow-file.js';
import type { FoundWorkflow, Workflows } from './workflows.js';

/** How long a run waits for a runner, and how long its jobs take: sandbox time, far less than at GitHub. */
const QUEUED_MS = 300;
const RUNNING_MS = 1_200;

export interface NewRun {
  event: Run['event'];
  ref: string;
  sha: string;
  title: string;
}

/**
 * Workflow runs. Nothing is executed: a run waits, is in progress, and ends on the sandbox's clock, with success unless the
 * fault `run-fails` befalls it. What a run of this repository would leave behind, an image, is left by `onSuccess`.
 */
export class Runs {
  readonly #runs: Collection<Run>;
  /** Of the runs that have not ended, the keys: a restart finds what it must go on with. */
  readonly #open: Collection<true>;
  #onSuccess: (repository: Repository, run: Run) => void = () => undefined;

  constructor(
    private readonly world: World,
    private readonly webhooks: Webhooks,
    private readonly workflows: Workflows,
  ) {
    this.#runs = world.collectionOfRepositories('runs');
    this.#open = world.collectionOfRepositories('runs-open');
  }

  onSuccess(listener: (repository: Repository, run: Run) => void): void {
    this.#onSuccess = listener;
  }

  /** Goes on with what a sandbox that ended left under way. */
  resume(): void {
    for (const { key } of this.#open.list()) this.#schedule(key);
  }

  async followPush(repository: Repository, changes: readonly RefChange[]): Promise<void> {
    for (const { ref, before, after } of changes) {
      if (after === NOTHING || !/^refs\/(heads|tags)\//.test(ref)) continue;
      const directory = this.world.gitDirectory(repository);
      const commit = await readCommit(directory, after);
      if (!commit) continue;
      const workflows = await this.workflows.at(repository, commit.sha);
      if (workflows.length === 0) continue;
      const from = before === NOTHING ? commit.parents[0] : before;
      const asked = workflows.some(({ file }) => asksForPaths(file));
      const paths = asked ? (await changedFiles(directory, from, commit.sha)).map(({ filename }) => filename) : [];
      const title = commit.message.split('\n')[0] ?? '';
      for (const found of workflows) {
        if (startsOnPush(found.file, ref, paths)) this.start(repository, found, { event: 'push', ref, sha: commit.sha, title });
      }
    }
  }

  start(repository: Repository, { workflow, file }: FoundWorkflow, { event, ref, sha, title }: NewRun): Run {
    const now = this.world.timestamp();
    const id = this.world.nextId('run');
    const run: Run = {
      id,
      number: this.list(repository).filter(({ workflowId }) => workflowId === workflow.id).length + 1,
      attempt: 1,
      repositoryId: repository.id,
      workflowId: workflow.id,
      workflowName: workflow.name,
      path: workflow.path,
      title,
      event,
      ref,
      sha,
      status: 'queued',
      conclusion: null,
      jobs: file.jobs.map((job) => this.#newJob(job)),
      createdAt: now,
      updatedAt: now,
      startedAt: now,
      dueAt: this.world.context.clock.now() + QUEUED_MS,
    };
    this.#begin(repository, run);
    return run;
  }

  /** Newest first. */
  list(repository: Repository): Run[] {
    return this.#runs.list(keyIn(repository)).map(({ value }) => value).reverse();
  }

  require(repository: Repository, id: string): Run {
    const run = this.#runs.get(keyOf(repository.id, Number(id)));
    if (!run) throw new GitHubError(404, 'Not Found');
    return run;
  }

  /** @throws GitHubError 409 on a run that has ended. */
  cancel(repository: Repository, run: Run): void {
    if (run.status === 'completed') throw new GitHubError(409, 'Cannot cancel a workflow run that is completed.');
    this.#complete(repository, run, 'cancelled');
  }

  /** The same run under its next attempt. @throws GitHubError 403 on one that goes on. */
  rerun(repository: Repository, run: Run): void {
    if (run.status !== 'completed') throw new GitHubError(403, 'This workflow is already running');
    const now = this.world.timestamp();
    const jobs = run.jobs.map((job) => this.#newJob({ ...job, key: job.name }));
    const dueAt = this.world.context.clock.now() + QUEUED_MS;
    this.#begin(repository, { ...run, attempt: run.attempt + 1, status: 'queued', conclusion: null, jobs, updatedAt: now, startedAt: now, dueAt });
  }

  #newJob({ name, environment, steps, labels, writesPackages }: JobFile): Job {
    const id = this.world.nextId('job');
    return { id, name, environment, steps, labels, writesPackages, startedAt: null, completedAt: null };
  }

  #begin(repository: Repository, run: Run): void {
    const key = keyOf(repository.id, run.id);
    this.#runs.set(key, run);
    this.#open.set(key, true);
    this.#announce(repository, run, 'requested', 'queued');
    this.#schedule(key);
  }

  #schedule(key: string): void {
    const { clock } = this.world.context;
    const run = this.#runs.get(key);
    if (!run) return;
    clock.after(Math.max(0, run.dueAt - clock.now()), () => this.#advance(key));
  }

  /** Whatever happened to the run or its repository meanwhile, only one that is due goes on. */
  #advance(key: string): void {
    const run = this.#runs.get(key);
    const repository = run && this.world.repositoryById(run.repositoryId);
    if (!repository || run.status === 'completed' || run.dueAt > this.world.context.clock.now()) return;
    if (run.status === 'in_progress') return this.#complete(repository, run, this.#verdict(repository, run));
    const now = this.world.timestamp();
    const jobs = run.jobs.map((job) => ({ ...job, startedAt: now }));
    const started: Run = { ...run, status: 'in_progress', jobs, updatedAt: now, dueAt: run.dueAt + RUNNING_MS };
    this.#runs.set(key, started);
    this.#announce(repository, started, 'in_progress', 'in_progress');
    this.#schedule(key);
  }

  #verdict(repository: Repository, run: Run): Conclusion {
    const fails = this.world.context.faults.draw('github', 'run-fails', fullName(repository), `${fullName(repository)}/${run.path}`);
    return fails ? 'failure' : 'success';
  }

  #complete(repository: Repository, run: Run, conclusion: Conclusion): void {
    const now = this.world.timestamp();
    const jobs = run.jobs.map((job) => ({ ...job, startedAt: job.startedAt ?? now, completedAt: now }));
    const ended: Run = { ...run, status: 'completed', conclusion, jobs, updatedAt: now };
    const key = keyOf(repository.id, run.id);
    this.#runs.set(key, ended);
    this.#open.delete(key);
    this.#announce(repository, ended, 'completed', 'completed');
    if (conclusion === 'success') this.#onSuccess(repository, ended);
  }

  #announce(repository: Repository, run: Run, action: string, jobAction: string): void {
    void this.#send(repository, run, action, jobAction).catch((error: unknown) => {
      // The repository may be gone by now, and with it the commit that the webhook would tell of.
      if (this.world.repositoryById(repository.id)) console.error('The webhooks of a workflow run were not sent', error);
    });
  }

  async #send(repository: Repository, run: Run, action: string, jobAction: string): Promise<void> {
    const workflow = workflowView({ id: run.workflowId, path: run.path, name: run.workflowName, createdAt: run.createdAt }, repository, this.world);
    const view = await runView(run, repository, this.world);
    this.webhooks.send(repository, 'workflow_run', { action, workflow, workflow_run: view });
    for (const job of run.jobs) {
      this.webhooks.send(repository, 'workflow_job', { action: jobAction, workflow_job: jobEventView(job, run, repository, this.world) });
    }
    await this.#sendChecks(repository, run);
  }

  /** Each job is a check of its commit, too, and the run a suite of them; both are told of when they begin and end alone. */
  async #sendChecks(repository: Repository, run: Run): Promise<void> {
    if (run.status === 'in_progress') return;
    const action = run.status === 'queued' ? 'created' : 'completed';
    const suite = suiteOfRun(run, this.world);
    for (const job of run.jobs) {
      this.webhooks.send(repository, 'check_run', { action, check_run: checkRunEvent(checkOfJob(job, run, repository, this.world), suite, repository, this.world) });
    }
    if (action === 'created') return;
    this.webhooks.send(repository, 'check_suite', { action, check_suite: await checkSuiteEvent(suite, repository, this.world) });
  }
}

function keyOf(repositoryId: number, id: number): string {
  return `${keyIn({ id: repositoryId })}${String(id).padStart(12, '0')}`;
}
