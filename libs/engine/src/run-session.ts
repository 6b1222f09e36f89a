import { applyInbox } from './apply-inbox.js';
import type { Situation } from './decide.js';
import type { EngineDependencies } from './engine-dependencies.js';
import { type Claim, LeaseLost } from './ports/run-store.js';
import type { OpenWorkspace } from './ports/workspaces.js';
import { RunLedger } from './run-ledger.js';
import { SecretValues } from './secret-values.js';

/** One worker's hold on one run: its ledger, what is in flight, the heartbeat, and the workspace once a step needs it. */
export class RunSession {
  readonly ledger: RunLedger;
  readonly values = new SecretValues();
  private readonly inFlight = new Map<string, Promise<void>>();
  private readonly prepared: Array<() => void> = [];
  private readonly stop = new AbortController();
  private calls = new AbortController();
  private workspace: Promise<OpenWorkspace> | null = null;
  private heartbeat: NodeJS.Timeout;
  private lastBeat: number;
  private broken: Error | null = null;
  private wake: () => void = () => undefined;
  private changed = false;
  private readonly taken = new Set<string>();

  constructor(
    readonly deps: EngineDependencies,
    claim: Claim,
    readonly shutdown: AbortSignal,
  ) {
    const redact = (text: string): string => deps.processSecrets.redact(this.values.redact(text));
    this.ledger = new RunLedger(claim, deps.store, deps.announcer, redact, (error) => this.breakOff(error));
    this.lastBeat = performance.now();
    this.heartbeat = setInterval(() => void this.beat(), deps.heartbeatMs);
    shutdown.addEventListener('abort', this.notify);
  }

  situation(): Situation {
    const { deps, ledger } = this;
    return {
      run: ledger.run,
      steps: ledger.steps,
      resources: ledger.resources,
      inFlight: new Set(this.inFlight.keys()),
      now: deps.clock.now(),
      maxParallel: deps.maxParallel,
      workspaceUse: (action) => deps.registry.step(action)?.workspace ?? 'none',
    };
  }

  isBusy(): boolean {
    return this.inFlight.size > 0;
  }

  /** Aborted on cancel, and when this worker must let go. */
  get callSignal(): AbortSignal {
    return AbortSignal.any([this.stop.signal, this.calls.signal]);
  }

  abortInFlight(): void {
    this.calls.abort(new Error('The run was cancelled or ran out of time.'));
    this.calls = new AbortController();
  }

  /** Work that begins only once the intent is recorded (`launchPrepared`). It handles its own failures. */
  prepare(key: string, work: () => Promise<void>): void {
    let begin = (): void => undefined;
    const begun = new Promise<void>((resolve) => (begin = resolve));
    const done = begun.then(work).catch((error: unknown) => this.breakOff(error));
    this.inFlight.set(
      key,
      done.finally(() => {
        this.inFlight.delete(key);
        this.notify();
      }),
    );
    this.prepared.push(begin);
  }

  launchPrepared(): void {
    for (const begin of this.prepared.splice(0)) begin();
  }

  /** Resolves when something in flight has ended, a message came, a sleeping step is due, or the worker is told to stop. */
  async nextChange(): Promise<void> {
    if (!this.changed && !this.shutdown.aborted && !this.broken) {
      let timer: NodeJS.Timeout | undefined;
      await new Promise<void>((resolve) => {
        this.wake = resolve;
        timer = setTimeout(resolve, this.untilNextDue());
      });
      clearTimeout(timer);
    }
    this.changed = false;
  }

  /** Something is to be decided anew. */
  readonly notify = (): void => {
    this.changed = true;
    this.wake();
  };

  /** Gives what is in flight so long, then aborts it. */
  async settleInFlight(graceMs: number): Promise<void> {
    const timer = setTimeout(() => this.stop.abort(new Error('The worker is stopping.')), graceMs);
    await Promise.all(this.inFlight.values());
    clearTimeout(timer);
  }

  openWorkspace(): Promise<OpenWorkspace> {
    this.workspace ??= this.deps.workspaces.open(this.ledger.run);
    return this.workspace;
  }

  /** True once per message: one that is being acknowledged may be read again before that is recorded. */
  takeMessage(id: string): boolean {
    if (this.taken.has(id)) return false;
    this.taken.add(id);
    return true;
  }

  throwIfBroken(): void {
    if (this.broken) throw this.broken;
  }

  async close(): Promise<void> {
    clearInterval(this.heartbeat);
    this.shutdown.removeEventListener('abort', this.notify);
    this.stop.abort(new LeaseLost(this.ledger.run.id));
    for (const begin of this.prepared.splice(0)) begin();
    await Promise.allSettled(this.inFlight.values());
    const workspace = await this.workspace?.catch(() => null);
    await workspace?.close();
  }

  private async beat(): Promise<void> {
    try {
      const messages = await this.deps.store.heartbeat(this.ledger.lease, this.deps.leaseMs);
      this.lastBeat = performance.now();
      if (applyInbox(this, messages)) this.notify();
    } catch (error) {
      // A store that does not answer may come back in time; past the lease somebody else may have the run.
      const tooLate = performance.now() - this.lastBeat > this.deps.leaseMs - this.deps.heartbeatMs;
      if (error instanceof LeaseLost || tooLate) this.breakOff(error);
    }
  }

  private breakOff(error: unknown): void {
    this.broken ??= error instanceof Error ? error : new Error(String(error));
    this.stop.abort(error);
    this.notify();
  }

  private untilNextDue(): number {
    const { run, steps } = this.ledger;
    const deadline = (run.startedAt ?? this.deps.clock.now()).getTime() + run.plan.deadlineMs;
    const due = [...steps.values()].flatMap((step) => (step.status === 'WAITING' && step.wait ? [step.wait.until.getTime()] : []));
    const asleep = due.filter((time) => time > this.deps.clock.now().getTime());
    const next = run.status === 'UNDOING' ? Number.POSITIVE_INFINITY : Math.min(deadline, ...asleep);
    return Math.min(60_000, Math.max(1, next - this.deps.clock.now().getTime()));
  }
}
