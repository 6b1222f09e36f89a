import type { Collection } from '../../core/store.js';
import { GitHubError } from '../errors.js';
import type { Repository } from '../model.js';
import type { PullRequest } from '../pulls/model.js';
import type { Pulls } from '../pulls/pulls.js';
import { keyIn, type World } from '../world.js';
import { type Label, type Labels, sameName } from './labels.js';

export interface Issue {
  id: number;
  number: number;
  title: string;
  body: string | null;
  state: 'open' | 'closed';
  stateReason: 'completed' | 'not_planned' | 'duplicate' | 'reopened' | null;
  labels: Label[];
  /** Logins. */
  assignees: string[];
  createdAt: string;
  updatedAt: string;
  closedAt: string | null;
  /** Of one that is a pull request: every one of these is an issue, too. */
  pull?: PullRequest;
}

export interface IssueFields {
  title?: string | number | null;
  body?: string | null;
  assignee?: string | null;
  assignees?: string[];
  milestone?: string | number | null;
  labels?: (string | { name?: string })[];
}

export interface IssueChange extends IssueFields {
  state?: 'open' | 'closed';
  state_reason?: Issue['stateReason'];
}

const LONGEST_TITLE = 256;
const LONGEST_BODY = 65_536;

/** Issues of a repository; of a pull request, what of it is an issue's. Nobody is told of them by a webhook. */
export class Issues {
  readonly #issues: Collection<Issue>;

  constructor(
    private readonly world: World,
    private readonly pulls: Pulls,
    readonly labels: Labels,
  ) {
    this.#issues = world.collectionOfRepositories('issues');
  }

  /** Newest first, pull requests included. */
  list(repository: Repository): Issue[] {
    const issues = this.#issues.list(keyIn(repository)).map(({ value }) => value);
    return [...issues, ...this.pulls.list(repository).map(ofPull)].sort((a, b) => b.number - a.number);
  }

  /** @throws GitHubError 404 */
  require(repository: Repository, number: string): Issue {
    const pull = this.pulls.find(repository, number);
    const found = pull ? ofPull(pull) : this.#issues.get(keyOf(repository, Number(number)));
    if (!found) throw new GitHubError(404, 'Not Found');
    return found;
  }

  /** @throws GitHubError 410 where issues are turned off, 422 on fields that are wrong. */
  create(repository: Repository, asked: IssueFields): Issue {
    assertEnabled(repository);
    this.#check(asked);
    const now = this.world.timestamp();
    const issue: Issue = {
      id: this.world.nextId('issue'),
      number: this.pulls.nextNumber(repository),
      ...{ title: String(asked.title), body: asked.body ?? null, state: 'open', stateReason: null },
      labels: this.labels.ensure(repository, namesOf(asked.labels)),
      assignees: assigneesOf(asked),
      ...{ createdAt: now, updatedAt: now, closedAt: null },
    };
    this.#issues.set(keyOf(repository, issue.number), issue);
    return issue;
  }

  async change(repository: Repository, issue: Issue, asked: IssueChange): Promise<Issue> {
    this.#check({ title: issue.title, ...asked });
    const labels = asked.labels && this.labels.ensure(repository, namesOf(asked.labels));
    if (issue.pull) return this.#changePull(repository, issue.pull, asked, labels);
    const now = this.world.timestamp();
    const state = asked.state ?? issue.state;
    const closes = state === 'closed' && issue.state === 'open';
    const reopens = state === 'open' && issue.state === 'closed';
    const changed: Issue = {
      ...issue,
      title: String(asked.title ?? issue.title),
      body: asked.body === undefined ? issue.body : asked.body,
      state,
      stateReason: closes ? (asked.state_reason ?? 'completed') : reopens ? 'reopened' : issue.stateReason,
      labels: labels ?? issue.labels,
      assignees: asked.assignees ?? issue.assignees,
      updatedAt: now,
      closedAt: state === 'open' ? null : (issue.closedAt ?? now),
    };
    this.#issues.set(keyOf(repository, issue.number), changed);
    return changed;
  }

  addLabels(repository: Repository, issue: Issue, names: readonly string[]): Label[] {
    const all = this.labels.ensure(repository, [...issue.labels.map(({ name }) => name), ...names]);
    this.#label(repository, issue, all);
    return all;
  }

  /** @throws GitHubError 404 where the issue has no such label. */
  removeLabel(repository: Repository, issue: Issue, name: string): Label[] {
    const rest = issue.labels.filter((label) => !sameName(label.name, name));
    if (rest.length === issue.labels.length) throw new GitHubError(404, 'Label does not exist');
    this.#label(repository, issue, rest);
    return rest;
  }

  /** Off every issue that has it, too. */
  deleteLabel(repository: Repository, label: Label): void {
    for (const issue of this.list(repository)) {
      const rest = issue.labels.filter(({ id }) => id !== label.id);
      if (rest.length < issue.labels.length) this.#label(repository, issue, rest);
    }
    this.labels.delete(repository, label);
  }

  #label(repository: Repository, issue: Issue, labels: Label[]): void {
    if (issue.pull) this.pulls.label(repository, issue.pull, labels);
    else this.#issues.set(keyOf(repository, issue.number), { ...issue, labels, updatedAt: this.world.timestamp() });
  }

  async #changePull(repository: Repository, pull: PullRequest, asked: IssueChange, labels: Label[] | undefined): Promise<Issue> {
    const { title, body, state } = asked;
    const changed = await this.pulls.change(repository, pull, {
      ...(title !== undefined && title !== null && { title: String(title) }),
      ...(typeof body === 'string' && { body }),
      ...(state && { state }),
    });
    if (labels) this.pulls.label(repository, changed, labels);
    return ofPull({ ...changed, ...(labels && { labels }) });
  }

  #check({ title, body, milestone, ...people }: IssueFields): void {
    if (title === undefined || title === null || String(title).trim() === '') throw invalid({ code: 'missing_field', field: 'title' });
    if (String(title).length > LONGEST_TITLE) throw tooLong('title', LONGEST_TITLE);
    if ((body ?? '').length > LONGEST_BODY) throw tooLong('body', LONGEST_BODY);
    const stranger = assigneesOf(people).find((login) => login !== this.world.viewer.login);
    if (stranger !== undefined) throw invalid({ value: stranger, field: 'assignees', code: 'invalid' });
    // There are none.
    if (milestone !== undefined && milestone !== null) throw invalid({ value: milestone, field: 'milestone', code: 'invalid' });
  }
}

function ofPull(pull: PullRequest): Issue {
  const { id, number, title, body, state, createdAt, updatedAt, closedAt, labels = [] } = pull;
  return { id, number, title, body, state, stateReason: null, labels, assignees: [], createdAt, updatedAt, closedAt, pull };
}

function assertEnabled(repository: Repository): void {
  if (!repository.settings.has_issues) throw new GitHubError(410, 'Issues has been disabled in this repository.');
}

function assigneesOf({ assignee, assignees = [] }: Pick<IssueFields, 'assignee' | 'assignees'>): string[] {
  return [...new Set([...(assignee ? [assignee] : []), ...assignees])];
}

export function namesOf(labels: IssueFields['labels'] = []): string[] {
  return labels.map((label) => (typeof label === 'string' ? label : (label.name ?? '')));
}

function keyOf(repository: Repository, number: number): string {
  return `${keyIn(repository)}${String(number).padStart(8, '0')}`;
}

function tooLong(field: string, most: number): GitHubError {
  return invalid({ code: 'custom', field, message: `${field} is too long (maximum is ${most} characters)` });
}

function invalid(error: { code: string; field: string; message?: string; value?: unknown }): GitHubError {
  return new GitHubError(422, 'Validation Failed', [{ resource: 'Issue', ...error }]);
}
