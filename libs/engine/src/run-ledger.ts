import { type LogLevel, isTerminal } from '@slipway/contracts';
import { type PlannedStep, depths, plannedStepOf } from './plan.js';
import type { Claim, Lease, NewEvent, RunChange, RunRecord, RunStore, StepRecord } from './ports/run-store.js';
import type { Announcer } from './ports/run-queue.js';
import { isSameJson } from './same-json.js';
import { type LedgerResource, resourceKey } from './step-definition.js';
import { assertRunTransition, assertStepTransition } from './transitions.js';

const flushAfterMs = 50;
const flushAtEvents = 100;
/** A longer line is cut: it would be a file, not a line. */
const longestLine = 16_384;
/** Characters of log that may wait to be written. A step that says more at once says it faster than anything could store it. */
const longestPending = 8_388_608;

/**
 * A claimed run in memory, and what of it is not recorded yet. Changes apply here at once and travel together: whatever
 * is pending when a write begins is one fenced statement. After a failed write nothing here can be trusted any more:
 * `onBroken` is called, and the run goes on from the store, with whoever claims it next.
 */
export class RunLedger {
  readonly lease: Lease;
  readonly run: RunRecord;
  /** In the order of the plan, items of an `each` behind their step. */
  steps: Map<string, StepRecord>;
  readonly resources: LedgerResource[];
  private pending: RunChange = {};
  private tail: Promise<void> = Promise.resolve();
  private flushTimer: NodeJS.Timeout | null = null;
  private broken: Error | null = null;
  private pendingLength = 0;
  private linesLeftOut = 0;
  private readonly depths: ReadonlyMap<string, number>;

  constructor(
    claim: Claim,
    private readonly store: RunStore,
    private readonly announcer: Announcer,
    private readonly redact: (text: string) => string,
    private readonly onBroken: (error: unknown) => void,
  ) {
    this.lease = claim.lease;
    this.run = claim.run;
    this.steps = new Map(claim.steps.map((step) => [step.id, step]));
    this.resources = claim.resources;
    this.depths = depths(claim.run.plan);
  }

  setRun(patch: NonNullable<RunChange['run']>): void {
    if (patch.status) assertRunTransition(this.run.status, patch.status);
    const visible = patch.status !== undefined && patch.status !== this.run.status;
    Object.assign(this.run, patch);
    this.pending.run = { ...this.pending.run, ...patch };
    if (visible) this.addEvent({ type: 'run', status: this.run.status, failure: this.run.failure });
  }

  setStep(id: string, patch: Partial<StepRecord>): void {
    const before = this.step(id);
    if (patch.status) assertStepTransition(id, before.status, patch.status);
    const after = { ...before, ...patch };
    this.steps.set(id, after);
    this.pending.steps = [...(this.pending.steps ?? []).filter((step) => step.id !== id), after];
    if (isVisible(before, after)) this.addEvent(this.stepEvent(after));
  }

  step(id: string): StepRecord {
    const step = this.steps.get(id);
    if (!step) throw new Error(`Run ${this.run.id} has no step "${id}".`);
    return step;
  }

  /** What is planned for the step or the item. */
  planned(id: string): PlannedStep {
    const planned = plannedStepOf(this.run.plan, this.step(id));
    if (!planned) throw new Error(`The plan of run ${this.run.id} has no step "${id}".`);
    return planned;
  }

  /** How deep in the plan what this step makes stands. */
  depthOf(id: string): number {
    return this.depths.get(this.step(id).parent ?? id) ?? 0;
  }

  itemsOf(id: string): StepRecord[] {
    return [...this.steps.values()].filter((step) => step.parent === id);
  }

  /** Items that there were not before. */
  addItems(parent: string, items: StepRecord[]): void {
    const known = [...this.steps.values()];
    const behind = known.findLastIndex((step) => step.id === parent || step.parent === parent) + 1;
    this.steps = new Map([...known.slice(0, behind), ...items, ...known.slice(behind)].map((step) => [step.id, step]));
    this.pending.steps = [...(this.pending.steps ?? []), ...items];
    for (const item of items) this.addEvent(this.stepEvent(item));
  }

  setResource(resource: LedgerResource): void {
    const key = resourceKey(resource);
    const at = this.resources.findIndex((known) => resourceKey(known) === key);
    const before = this.resources[at];
    if (at >= 0) this.resources[at] = resource;
    else if (resource.runId === this.run.id) this.resources.push(resource);
    this.pending.resources = [...(this.pending.resources ?? []).filter((known) => resourceKey(known) !== key), resource];
    if (before && isSameToSee(before, resource)) return;
    const { kind, externalId, stepId, state, title, url, properties } = resource;
    this.addEvent({ type: 'resource', resource: { kind, externalId, stepId, state, title, url, properties } });
  }

  addLine(stepId: string | null, level: LogLevel, message: string): void {
    if (this.pendingLength > longestPending) {
      this.linesLeftOut += 1;
      return;
    }
    // PostgreSQL's jsonb takes neither NUL nor half a surrogate pair, and a log may hold anything.
    const storable = this.redact(message).replaceAll('\0', '').toWellFormed().slice(0, longestLine);
    this.pendingLength += storable.length;
    this.addEvent({ type: 'log', stepId, level, message: storable });
    if ((this.pending.events?.length ?? 0) >= flushAtEvents) void this.commit().catch(() => undefined);
    else this.flushTimer ??= setTimeout(() => void this.commit().catch(() => undefined), flushAfterMs);
  }

  acknowledge(ids: string[]): void {
    if (ids.length > 0) this.pending.acknowledge = [...(this.pending.acknowledge ?? []), ...ids];
  }

  wipeSecrets(): void {
    if (this.run.plan.secrets) this.pending.wipeSecrets = true;
  }

  /** Resolves once everything set so far is durable. Rejects, and has called `onBroken`, when it could not be written. */
  commit(): Promise<void> {
    if (this.flushTimer) clearTimeout(this.flushTimer);
    this.flushTimer = null;
    this.tail = this.tail.then(() => this.write());
    return this.tail;
  }

  private addEvent(event: NewEvent): void {
    (this.pending.events ??= []).push(event);
  }

  private stepEvent(step: StepRecord): NewEvent {
    const name = plannedStepOf(this.run.plan, step)?.name ?? step.id;
    const waitingFor = step.status === 'WAITING' ? (step.wait?.reason ?? null) : null;
    return { type: 'step', stepId: step.id, name, status: step.status, attempt: step.attempt, waitingFor, failure: step.failure };
  }

  private async write(): Promise<void> {
    if (this.linesLeftOut > 0) this.addEvent({ type: 'log', stepId: null, level: 'warn', message: leftOut(this.linesLeftOut) });
    this.linesLeftOut = 0;
    this.pendingLength = 0;
    const change = this.pending;
    if (this.broken) throw this.broken;
    if (Object.keys(change).length === 0) return;
    this.pending = {};
    try {
      await this.store.record(this.lease, change);
    } catch (error) {
      // What comes later must not be recorded without what is missing now.
      this.broken = error instanceof Error ? error : new Error(String(error));
      this.onBroken(error);
      throw error;
    }
    this.announcer.announce(this.run.id, isTerminal(this.run.status));
  }
}

function leftOut(lines: number): string {
  return `${lines} lines are left out here: they came faster than they could be stored.`;
}

/** A poll that found nothing new is not worth a line of history. */
function isVisible(before: StepRecord, after: StepRecord): boolean {
  return before.status !== after.status || before.attempt !== after.attempt || before.wait?.reason !== after.wait?.reason;
}

/** How often a removal was tried is the engine's business until it has an outcome. */
function isSameToSee(before: LedgerResource, after: LedgerResource): boolean {
  return (
    before.state === after.state &&
    before.title === after.title &&
    before.url === after.url &&
    before.stepId === after.stepId &&
    isSameJson(before.properties, after.properties)
  );
}
