import type { Collection } from '../../core/store.js';
import { appView } from '../access/app-view.js';
import type { GitHubApp } from '../access/github-app.js';
import { GitHubError } from '../errors.js';
import type { Repository } from '../model.js';
import { fullName } from '../repository-view.js';
import type { Webhooks } from '../webhooks.js';
import { keyIn, type World } from '../world.js';
import { type Check, checkRunEvent, type CheckConclusion, checkSuiteEvent, type CheckStatus, type Suite } from './check-view.js';

/** What the app may say of a check. */
export interface CheckFacts {
  name?: string | undefined;
  status?: CheckStatus | undefined;
  conclusion?: CheckConclusion | undefined;
  details_url?: string | undefined;
  external_id?: string | undefined;
  started_at?: string | undefined;
  completed_at?: string | undefined;
  output?: { title?: string | undefined; summary?: string | undefined } | undefined;
}

interface KeptCheck extends Check {
  suite: number;
}

type KeptSuite = Pick<Suite, 'id' | 'sha' | 'branch' | 'createdAt' | 'updatedAt'>;

/** Which conclusion a suite takes over from its checks: the first of these that one of them has. */
const WORST: readonly CheckConclusion[] = ['failure', 'timed_out', 'cancelled', 'action_required', 'success', 'neutral', 'skipped'];

/** The checks that the GitHub App makes of commits: one suite for each commit. */
export class Checks {
  readonly #checks: Collection<KeptCheck>;
  readonly #suites: Collection<KeptSuite>;

  constructor(
    private readonly world: World,
    private readonly webhooks: Webhooks,
    private readonly githubApp: GitHubApp,
  ) {
    this.#checks = world.collectionOfRepositories('checks');
    this.#suites = world.collectionOfRepositories('check-suites');
  }

  async create(repository: Repository, sha: string, facts: CheckFacts): Promise<{ check: Check; suite: Suite }> {
    const suite = await this.#ensureSuite(repository, sha);
    const id = this.world.nextId('job');
    const now = this.world.timestamp();
    const base = { name: '', status: 'queued' as const, conclusion: null, externalId: '', detailsUrl: `${this.world.url}/${fullName(repository)}/runs/${id}`, title: null, summary: null };
    const check = this.#save(repository, { ...base, id, suite: suite.id, startedAt: now, completedAt: null }, facts);
    await this.#tell(repository, check, 'created');
    if (check.status === 'completed') await this.#tell(repository, check, 'completed');
    return { check, suite: this.suiteOf(repository, check) };
  }

  async change(repository: Repository, before: Check, facts: CheckFacts): Promise<{ check: Check; suite: Suite }> {
    const check = this.#save(repository, this.require(repository, String(before.id)), facts);
    if (before.status !== 'completed' && check.status === 'completed') await this.#tell(repository, check, 'completed');
    return { check, suite: this.suiteOf(repository, check) };
  }

  require(repository: Repository, id: string): KeptCheck {
    const found = this.#checks.get(keyOf(repository, Number(id)));
    if (!found) throw new GitHubError(404, 'Not Found');
    return found;
  }

  suiteOf(repository: Repository, check: Check): Suite {
    const { suite: id } = this.require(repository, String(check.id));
    const kept = this.#suites.get(keyOf(repository, id));
    if (!kept) throw new Error(`The check suite ${id} is gone`);
    const checks = this.#checksOf(repository, id);
    const isOver = checks.every(({ status }) => status === 'completed');
    const status = isOver ? 'completed' : checks.some((one) => one.status !== 'queued') ? 'in_progress' : 'queued';
    const conclusion = isOver ? (WORST.find((one) => checks.some((of) => of.conclusion === one)) ?? null) : null;
    return { ...kept, status, conclusion, app: appView(this.world, this.githubApp), checks: checks.length };
  }

  /** The latest of each name: a check that is made anew takes the place of the one before. */
  #checksOf(repository: Repository, suite: number): KeptCheck[] {
    const all = this.#checks.list(keyIn(repository)).filter(({ value }) => value.suite === suite);
    return [...new Map(all.map(({ value }) => [value.name, value])).values()];
  }

  async #ensureSuite(repository: Repository, sha: string): Promise<KeptSuite> {
    const known = this.#suites.list(keyIn(repository)).find(({ value }) => value.sha === sha);
    if (known) return known.value;
    const refs = [...(await this.world.refs(repository))];
    const branch = refs.find(([ref, head]) => head === sha && ref.startsWith('refs/heads/'))?.[0].replace('refs/heads/', '') ?? null;
    const now = this.world.timestamp();
    // Numbered with the runs, whose numbers are those of their suites.
    const suite = { id: this.world.nextId('run'), sha, branch, createdAt: now, updatedAt: now };
    this.#suites.set(keyOf(repository, suite.id), suite);
    return suite;
  }

  #save(repository: Repository, check: KeptCheck, facts: CheckFacts): KeptCheck {
    const now = this.world.timestamp();
    const status = facts.conclusion === undefined ? (facts.status ?? check.status) : 'completed';
    const completedAt = status === 'completed' ? (facts.completed_at ?? check.completedAt ?? now) : null;
    const changed: KeptCheck = {
      ...check,
      name: facts.name ?? check.name,
      status,
      conclusion: status === 'completed' ? (facts.conclusion ?? check.conclusion) : null,
      externalId: facts.external_id ?? check.externalId,
      detailsUrl: facts.details_url ?? check.detailsUrl,
      title: facts.output?.title ?? check.title,
      summary: facts.output?.summary ?? check.summary,
      startedAt: facts.started_at ?? check.startedAt,
      completedAt,
    };
    this.#checks.set(keyOf(repository, check.id), changed);
    const suite = this.#suites.get(keyOf(repository, check.suite));
    if (suite) this.#suites.set(keyOf(repository, suite.id), { ...suite, updatedAt: now });
    return changed;
  }

  /** A suite tells of its end alone, once the last of its checks has ended. */
  async #tell(repository: Repository, check: Check, action: 'created' | 'completed'): Promise<void> {
    const suite = this.suiteOf(repository, check);
    this.webhooks.send(repository, 'check_run', { action, check_run: checkRunEvent(check, suite, repository, this.world) });
    if (action === 'created' || suite.status !== 'completed') return;
    this.webhooks.send(repository, 'check_suite', { action, check_suite: await checkSuiteEvent(suite, repository, this.world) });
  }
}

function keyOf(repository: Repository, id: number): string {
  return `${keyIn(repository)}${String(id).padStart(12, '0')}`;
}
