import { type EntityRef, type RunEvent, isStanding, isTerminal } from '@slipway/contracts';
import {
  type Claim,
  type InboxMessage,
  type Lease,
  LeaseLost,
  type NewEvent,
  type RunChange,
  type RunRecord,
  type RunStore,
  type Signal,
  type StepRecord,
} from '../ports/run-store.js';
import type { Clock } from '../ports/clock.js';
import type { LedgerResource } from '../step-definition.js';
import { systemClock } from '../system-clock.js';

interface StoredRun {
  run: RunRecord;
  steps: Map<string, StepRecord>;
  resources: LedgerResource[];
  events: Array<RunEvent & { runId: string }>;
  inbox: Array<InboxMessage & { acknowledged: boolean }>;
  lease: (Lease & { until: number }) | null;
  fence: number;
  line: number;
  wakeAt: Date | null;
  secrets: Record<string, string>;
}

/** A `RunStore` for tests, in memory, held to the same suite as the one in PostgreSQL. Nothing outlives the process. */
export class MemoryRunStore implements RunStore {
  private readonly runs = new Map<string, StoredRun>();
  private readonly sent: Signal[] = [];
  private nextMessage = 1;
  /** While an operator has paused new runs. */
  paused = false;

  constructor(private readonly clock: Clock = systemClock) {}

  add(run: RunRecord, steps: StepRecord[], resources: LedgerResource[] = []): void {
    this.runs.set(run.id, {
      run: structuredClone(run),
      steps: new Map(structuredClone(steps).map((step) => [step.id, step])),
      resources: structuredClone(resources),
      events: [],
      inbox: [],
      lease: null,
      fence: 0,
      line: 0,
      wakeAt: null,
      secrets: {},
    });
  }

  /** What was typed into the run's form, sealed; with a retry what is typed anew. */
  keepSecrets(runId: string, sealed: Record<string, string>): void {
    Object.assign(this.stored(runId).secrets, sealed);
  }

  tell(runId: string, kind: InboxMessage['kind'], body: Record<string, unknown> = {}): void {
    this.stored(runId).inbox.push({ id: String(this.nextMessage++), kind, body, acknowledged: false });
  }

  /** Whether who works on the run has taken note of all that it was told. */
  hasHeardAll(runId: string): boolean {
    return unread(this.stored(runId)).length === 0;
  }

  /** What somebody outside has to say, to whoever waits for it now or later. */
  send(key: string, body: unknown): void {
    this.sent.push({ id: this.sent.length + 1, key, body: structuredClone(body), at: new Date() });
    for (const [runId, { steps }] of this.runs) {
      if ([...steps.values()].some((step) => isAsleepFor(step, key))) this.tell(runId, 'signal', { key });
    }
  }

  /** What a reader sees: the run, its steps, its ledger and its history. */
  look(runId: string): { run: RunRecord; steps: StepRecord[]; resources: LedgerResource[]; events: RunEvent[]; wakeAt: Date | null } {
    const { run, steps, resources, events, wakeAt } = this.stored(runId);
    return structuredClone({ run, steps: [...steps.values()], resources, events, wakeAt });
  }

  /** As if the holder had died: its lease has run out, whatever it still believes. */
  expireLease(runId: string): void {
    const stored = this.stored(runId);
    if (stored.lease) stored.lease.until = 0;
  }

  async claim(runId: string, owner: string, leaseMs: number): Promise<Claim | null> {
    const stored = this.runs.get(runId);
    if (!stored) return null;
    const held = stored.lease !== null && stored.lease.until > this.clock.now().getTime();
    const something = !isTerminal(stored.run.status) || stored.lease !== null || unread(stored).length > 0;
    if (held || !something || this.otherOnSameEntity(stored)) return null;
    if (this.paused && stored.run.status === 'QUEUED' && unread(stored).length === 0) return null;
    stored.fence += 1;
    const wasLost = stored.lease !== null;
    stored.lease = { runId, owner, fence: stored.fence, until: this.clock.now().getTime() + leaseMs };
    stored.wakeAt = null;
    const { run, steps, resources } = stored;
    return structuredClone({ lease: { runId, owner, fence: stored.fence }, run, steps: [...steps.values()], resources, inbox: unread(stored), wasLost, now: this.clock.now() });
  }

  async record(lease: Lease, change: RunChange): Promise<void> {
    const stored = this.held(lease);
    const copy = structuredClone(change);
    Object.assign(stored.run, copy.run);
    for (const step of copy.steps ?? []) this.putStep(stored, step);
    for (const resource of copy.resources ?? []) this.upsert(resource);
    for (const event of copy.events ?? []) append(stored, event);
    for (const message of stored.inbox) if (copy.acknowledge?.includes(message.id)) message.acknowledged = true;
    if (copy.wipeSecrets && !unread(stored).some(({ kind }) => kind === 'retry')) stored.secrets = {};
    if (copy.run?.status !== undefined && isTerminal(copy.run.status)) stored.lease = null;
  }

  async heartbeat(lease: Lease, leaseMs: number): Promise<InboxMessage[]> {
    const stored = this.held(lease);
    if (stored.lease) stored.lease.until = this.clock.now().getTime() + leaseMs;
    return structuredClone(unread(stored));
  }

  async release(lease: Lease, wakeAt: Date | null, putOff: readonly string[] = []): Promise<boolean> {
    const stored = this.held(lease);
    if (unread(stored).some(({ id }) => !putOff.includes(id))) return false;
    stored.lease = null;
    stored.wakeAt = wakeAt;
    return true;
  }

  async standing(entity: EntityRef): Promise<LedgerResource[]> {
    const ofEntity = [...this.runs.values()].filter((stored) => sameEntity(stored.run.entity, entity));
    return structuredClone(ofEntity.flatMap((stored) => stored.resources).filter((resource) => isStanding(resource.state)));
  }

  async signals(key: string, after: number): Promise<Signal[]> {
    return structuredClone(this.sent.filter((signal) => signal.key === key && signal.id > after));
  }

  async sealedSecrets(runId: string): Promise<Record<string, string>> {
    return { ...this.stored(runId).secrets };
  }

  /** Items of an `each` stand behind their parent. */
  private putStep(stored: StoredRun, step: StepRecord): void {
    if (!stored.steps.has(step.id)) {
      const order = [...stored.run.plan.steps.map((planned) => planned.id)];
      const place = ({ id, parent, item }: StepRecord): number => order.indexOf(parent ?? id) * 1_000 + (item === null ? 0 : item + 1);
      const steps = [...stored.steps.values(), step].sort((one, other) => place(one) - place(other));
      stored.steps = new Map(steps.map((known) => [known.id, known]));
    }
    stored.steps.set(step.id, step);
    const key = step.wait?.signal;
    if (key === undefined || !isAsleepFor(step, key)) return;
    const seen = step.wait?.seen ?? 0;
    if (this.sent.some((signal) => signal.key === key && signal.id > seen)) this.tell(stored.run.id, 'signal', { key });
  }

  private stored(runId: string): StoredRun {
    const stored = this.runs.get(runId);
    if (!stored) throw new Error(`No run "${runId}" in this store.`);
    return stored;
  }

  private held(lease: Lease): StoredRun {
    const stored = this.stored(lease.runId);
    if (stored.lease?.owner !== lease.owner || stored.lease.fence !== lease.fence) throw new LeaseLost(lease.runId);
    return stored;
  }

  private upsert(resource: LedgerResource): void {
    const { resources } = this.stored(resource.runId);
    const at = resources.findIndex((known) => known.kind === resource.kind && known.externalId === resource.externalId);
    if (at >= 0) resources[at] = resource;
    else resources.push(resource);
  }

  private otherOnSameEntity(stored: StoredRun): boolean {
    const order = [...this.runs.values()];
    if (stored.run.status === 'QUEUED' && unread(stored).some((message) => message.kind === 'cancel')) return false;
    return order.some((other) => {
      if (other === stored || !sameEntity(other.run.entity, stored.run.entity)) return false;
      if (isAtWork(other) || other.lease) return true;
      const hasItsTurn = isAtWork(stored) || stored.lease !== null;
      return other.run.status === 'QUEUED' && order.indexOf(other) < order.indexOf(stored) && !hasItsTurn;
    });
  }
}

function isAtWork({ run }: StoredRun): boolean {
  return ['RUNNING', 'WAITING', 'UNDOING'].includes(run.status);
}

function isAsleepFor(step: StepRecord, key: string): boolean {
  return step.status === 'WAITING' && step.wait?.for === 'wait' && !step.wait.woken && step.wait.signal === key;
}

function append(stored: StoredRun, event: NewEvent): void {
  const common = { runId: stored.run.id, seq: stored.events.length + 1, at: new Date().toISOString() };
  if (event.type === 'log') stored.events.push({ ...common, ...event, line: (stored.line += 1) });
  else stored.events.push({ ...common, ...event });
}

function unread(stored: StoredRun): InboxMessage[] {
  return stored.inbox.filter((message) => !message.acknowledged).map(({ id, kind, body }) => ({ id, kind, body }));
}

function sameEntity(one: EntityRef, other: EntityRef): boolean {
  return one.blueprint === other.blueprint && one.identifier === other.identifier;
}
