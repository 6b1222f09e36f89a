import type { Clock } from '../core/clock.js';
import type { Faults } from '../core/faults.js';
import { type Application, type Condition, isCascade, type Operation, targetRevision } from './application.js';
import { NAMESPACE } from './applications.js';
import { automatedOperation, failedAttempt, SELF_HEAL_AFTER_MS, waitsToHeal } from './auto-sync.js';
import { compare, incomparable } from './compare.js';
import { deleteResources } from './delete-resources.js';
import { Processors } from './processors.js';
import { type Repositories, sameUrl } from './repositories.js';
import { runOperation, type SyncParts } from './sync-operation.js';
import { comparisonMessage, trackedBy, type TargetState } from './target-state.js';
import { permissionProblems } from './validate-application.js';

/** How long each of the controller's clocks takes to notice: they are separate, and so are these. */
const NOTICE_CHANGE_MS = 50;
const NOTICE_OPERATION_MS = 80;
const REFRESH_AFTER_OPERATION_MS = 150;
/** A repository is looked at again after two minutes and at most one more, drawn anew each time so that not all are at once. */
const LOOK_AGAIN_MS = 120_000;
const LOOK_SPREAD_MS = 60_000;
const STATUS_PROCESSORS = 20;

/** latest asks the repository again; recent takes the commit of the comparison before. */
type Freshness = 'recent' | 'latest';

interface ControllerParts extends SyncParts {
  repositories: Repositories;
  faults: Faults;
}

interface Loop {
  /** To be compared as soon as nothing else is under way. */
  wanted: Freshness | undefined;
  /** To be compared later. */
  scheduled: { freshness: Freshness; due: number; cancel(): void } | undefined;
  /** Stops the wait for the next look at the repository. */
  stopLooking: (() => void) | undefined;
  running: boolean;
  operating: boolean;
  /** Those who wait for a comparison that begins after they asked. */
  waiting: (() => void)[];
}

/**
 * What moves applications: one loop compares, another runs operations, as in the real one, so that what the API shows of the
 * two is at times not of one moment. Everything it needs to go on after a restart lies in the applications themselves.
 */
export class Controller {
  readonly #loops = new Map<string, Loop>();
  readonly #processors = new Processors(STATUS_PROCESSORS);
  readonly #parts: ControllerParts;
  readonly #stopWatching: (() => void)[] = [];
  #closed = false;

  constructor(parts: ControllerParts) {
    this.#parts = parts;
  }

  start(): void {
    const { applications, cluster } = this.#parts;
    this.#stopWatching.push(
      cluster.onChange((_type, object) => {
        const name = trackedBy(object);
        if (name && this.#loops.has(name)) this.compareSoon(name, 'recent');
      }),
    );
    for (const { metadata, operation, status } of applications.list()) {
      if (operation) this.operateSoon(metadata.name);
      this.compareSoon(metadata.name, 'recent');
      this.#lookLater(metadata.name, Date.parse(status.reconciledAt ?? '') || 0);
    }
  }

  close(): void {
    this.#closed = true;
    for (const stop of this.#stopWatching) stop();
    for (const loop of this.#loops.values()) this.#answerWaiting(loop);
  }

  compareSoon(name: string, freshness: Freshness, afterMs = NOTICE_CHANGE_MS): void {
    const loop = this.#loop(name);
    const before = loop.scheduled;
    const wanted = before?.freshness === 'latest' ? 'latest' : freshness;
    const due = Math.min(before?.due ?? Infinity, this.#clock.now() + afterMs);
    before?.cancel();
    const cancel = this.#clock.after(due - this.#clock.now(), () => {
      loop.scheduled = undefined;
      if (loop.wanted !== 'latest') loop.wanted = wanted;
      this.#run(name, loop);
    });
    loop.scheduled = { freshness: wanted, due, cancel };
  }

  /** Compares at once with the repository as it is now, and resolves when that is written. */
  refresh(name: string, hard: boolean): Promise<void> {
    const repoURL = this.#parts.applications.get(name)?.spec.source?.repoURL;
    if (hard && repoURL) this.#parts.targets.forget(repoURL);
    const loop = this.#loop(name);
    loop.wanted = 'latest';
    return new Promise((resolve) => {
      loop.waiting.push(resolve);
      this.#run(name, loop);
    });
  }

  /** After a push, of which a webhook told: whatever follows that branch or tag looks at once. */
  repositoryChanged(url: string, revision: string, isDefaultBranch: boolean): void {
    for (const { metadata, spec } of this.#parts.applications.list()) {
      if (!spec.source || !sameUrl(spec.source.repoURL, url)) continue;
      const followed = targetRevision(spec).replace(/^refs\/(heads|tags)\//, '');
      if (followed === revision || (followed === 'HEAD' && isDefaultBranch)) this.compareSoon(metadata.name, 'latest');
    }
  }

  operateSoon(name: string): void {
    const loop = this.#loop(name);
    if (loop.operating) return;
    loop.operating = true;
    this.#clock.after(NOTICE_OPERATION_MS, () => void this.#operate(name, loop));
  }

  get #clock(): Clock {
    return this.#parts.clock;
  }

  #loop(name: string): Loop {
    let loop = this.#loops.get(name);
    if (!loop) {
      loop = { wanted: undefined, scheduled: undefined, stopLooking: undefined, running: false, operating: false, waiting: [] };
      this.#loops.set(name, loop);
    }
    return loop;
  }

  #run(name: string, loop: Loop): void {
    if (loop.running || this.#closed) return;
    loop.running = true;
    void this.#runWhileWanted(name, loop).finally(() => {
      loop.running = false;
      if (this.#closed || this.#parts.applications.get(name)) return;
      loop.stopLooking?.();
      this.#loops.delete(name);
    });
  }

  async #runWhileWanted(name: string, loop: Loop): Promise<void> {
    while (loop.wanted && !this.#closed) await this.#processors.run(() => this.#runWanted(name, loop));
  }

  async #runWanted(name: string, loop: Loop): Promise<void> {
    if (!loop.wanted || this.#closed) return;
    const freshness = loop.wanted;
    const answered = loop.waiting.splice(0);
    loop.wanted = undefined;
    try {
      await this.#reconcile(name, freshness, loop);
    } catch (error) {
      // A stop pulls the store away from under what is still running.
      if (!this.#closed) console.error(`The Argo CD stand-in failed to compare ${name}:`, error);
    }
    for (const answer of answered) answer();
    if (freshness === 'latest') this.#lookLater(name, this.#clock.now());
  }

  #answerWaiting(loop: Loop): void {
    for (const answer of loop.waiting.splice(0)) answer();
  }

  async #reconcile(name: string, freshness: Freshness, loop: Loop): Promise<void> {
    const { applications } = this.#parts;
    const application = applications.get(name);
    if (!application) return;
    if (application.metadata.deletionTimestamp) return this.#finalize(application, loop);
    const written = await this.#compareAndWrite(application, freshness);
    if (!written) return;
    const [before, after] = [application.status.sync.status, written.status.sync.status];
    if (before !== after) this.#record(written, 'ResourceUpdated', `Updated sync status: ${before} -> ${after}`);
    const operation = automatedOperation(written, applications.timestamp());
    if (operation) this.setOperation(name, operation);
    else if (waitsToHeal(written)) this.compareSoon(name, 'recent', SELF_HEAL_AFTER_MS);
  }

  async #compareAndWrite(application: Application, freshness: Freshness): Promise<Application | undefined> {
    const { applications, cluster, inventory, targets, faults } = this.#parts;
    const { name } = application.metadata;
    const problems = this.#specProblems(application);
    if (problems.length > 0) return this.#writeIncomparable(application, problems);
    const known = freshness === 'recent' ? application.status.sync.revision : undefined;
    let target: TargetState;
    try {
      target = await targets.load(application, known);
    } catch (error) {
      return this.#writeIncomparable(application, [{ type: 'ComparisonError', message: comparisonMessage(error) }]);
    }
    const found = compare(application, target, cluster, inventory);
    const health = faults.isOn('argocd', 'never-healthy', name) ? ({ status: 'Progressing' } as const) : found.health;
    return applications.update(name, (written) => {
      const { status } = written;
      const now = applications.timestamp();
      const changed = status.health.status !== health.status;
      status.sync = found.sync;
      status.health = { ...health, lastTransitionTime: changed ? now : status.health.lastTransitionTime };
      status.resources = found.resources;
      status.summary = found.images.length > 0 ? { images: found.images } : {};
      status.sourceType = target.sourceType;
      status.controllerNamespace = NAMESPACE;
      status.reconciledAt = now;
      setConditions(written, [], now);
    });
  }

  /** What the project, as it is now, does not let the application do. */
  #specProblems({ spec }: Application): Condition[] {
    const { projects, repositories } = this.#parts;
    const project = projects.get(spec.project);
    const problems = project
      ? permissionProblems(spec, project, repositories)
      : [`Application referencing project ${spec.project} which does not exist`];
    return problems.map((message) => ({ type: 'InvalidSpecError', message }));
  }

  #writeIncomparable(application: Application, conditions: Condition[]): Application | undefined {
    const { applications } = this.#parts;
    return applications.update(application.metadata.name, (written) => {
      written.status.sync = incomparable(application);
      if (conditions.some(({ type }) => type === 'InvalidSpecError')) written.status.health = { status: 'Unknown' };
      written.status.reconciledAt = applications.timestamp();
      setConditions(written, conditions, applications.timestamp());
    });
  }

  /** Whether it was set: an application runs one operation at a time. */
  setOperation(name: string, operation: Operation): boolean {
    let set = false;
    this.#parts.applications.update(name, (application) => {
      if (application.operation || application.metadata.deletionTimestamp) return;
      application.operation = operation;
      delete application.status.operationState;
      set = true;
    });
    if (set) this.operateSoon(name);
    return set;
  }

  async #operate(name: string, loop: Loop): Promise<void> {
    try {
      if (!this.#closed) await this.#runRecorded(name);
    } catch (error) {
      if (!this.#closed) console.error(`The Argo CD stand-in failed to sync ${name}:`, error);
    } finally {
      loop.operating = false;
    }
    if (!this.#closed) this.compareSoon(name, 'latest', REFRESH_AFTER_OPERATION_MS);
  }

  async #runRecorded(name: string): Promise<void> {
    const { applications } = this.#parts;
    const before = applications.get(name);
    if (!before?.operation) return;
    const { initiatedBy } = before.operation;
    const who = initiatedBy.automated ? 'Initiated automated sync' : `${initiatedBy.username} initiated sync`;
    this.#record(before, 'OperationStarted', `${who} to ${before.operation.sync.revision ?? targetRevision(before.spec)}`);
    await runOperation(name, this.#parts);
    const after = applications.get(name);
    const state = after?.status.operationState;
    if (!after || !state?.finishedAt) return;
    const what = `Sync operation to ${state.syncResult?.revision ?? ''}`;
    if (state.phase === 'Succeeded') return this.#record(after, 'OperationCompleted', `${what} succeeded`);
    this.#record(after, 'OperationCompleted', `${what} failed: ${state.message}`, 'Warning');
  }

  /** As an event of the cluster, beside the application. */
  #record({ metadata }: Application, reason: string, message: string, type: 'Normal' | 'Warning' = 'Normal'): void {
    const about = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Application', metadata };
    this.#parts.cluster.recordEvent(about, type, reason, message, 'argocd-application-controller');
  }

  async #finalize(application: Application, loop: Loop): Promise<void> {
    const { applications, inventory } = this.#parts;
    const { name } = application.metadata;
    // An operation that still applies would put back what is being deleted.
    if (loop.operating) return this.compareSoon(name, 'recent');
    const done = await deleteResources(application, this.#parts);
    if (!done) return this.compareSoon(name, 'recent');
    inventory.forget(name);
    const others = (application.metadata.finalizers ?? []).filter((finalizer) => !isCascade(finalizer));
    if (others.length === 0) return applications.remove(name);
    // Whoever put those there has to take them away.
    applications.update(name, ({ metadata }) => {
      metadata.finalizers = others;
    });
  }

  /** Without a webhook, nothing else tells of a commit. */
  #lookLater(name: string, lookedAt: number): void {
    if (this.#closed) return;
    const loop = this.#loop(name);
    loop.stopLooking?.();
    const due = Math.max(lookedAt + LOOK_AGAIN_MS, this.#clock.now()) + Math.random() * LOOK_SPREAD_MS;
    loop.stopLooking = this.#clock.after(due - this.#clock.now(), () => this.compareSoon(name, 'latest', 0));
  }
}

const SET_BY_COMPARISON: readonly Condition['type'][] = ['ComparisonError', 'InvalidSpecError', 'SyncError'];

/** The conditions of this comparison beside those that a deletion set, each with the time it began. */
function setConditions(application: Application, found: readonly Condition[], now: string): void {
  const { status } = application;
  const before = status.conditions ?? [];
  const others = before.filter((condition) => !SET_BY_COMPARISON.includes(condition.type));
  const failed = failedAttempt(application);
  const timed = [...found, ...(failed ? [failed] : [])].map((condition) => {
    const same = before.find((old) => old.type === condition.type && old.message === condition.message);
    return { ...condition, lastTransitionTime: same?.lastTransitionTime ?? now };
  });
  const all = [...others, ...timed];
  if (all.length > 0) status.conditions = all;
  else delete status.conditions;
}
