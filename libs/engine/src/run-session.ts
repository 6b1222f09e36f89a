import { applyInbox } from './apply-inbox.js';
import { type Situation, deadlineOf } from './decide.js';
import type { EngineDependencies } from './engine-dependencies.js';
import type { Integration } from './integration.js';
import { type Claim, LeaseLost } from './ports/run-store.js';
import type { OpenWorkspace } from './ports/workspaces.js';
import { RunLedger } from './run-ledger.js';
import { SecretValues } from './secret-values.js';
import { storeClock } from './store-clock.js';
import { TypedSecrets } from './typed-secrets.js';

/** One worker's hold on one run: its ledger, what is in flight, the heartbeat, and the workspace once a step needs it. */
export class RunSession {
  readonly ledger: RunLedger;
  readonly values = new SecretValues();
  readonly typed: TypedSecrets;
  private readonly inFlight = new Map<string, Promise<void>>();
  private readonly prepared: Array<() => void> = [];
  private calls = new AbortController();
  private workspace: Promise<OpenWorkspace> | null = null;
  private heartbeat: NodeJS.Timeout;
  private watchdog: NodeJS.Timeout | undefined;
  private broken: Error | null = null;
  private wake: () => void = () => undefined;
  private changed = false;
  private decidedAt = new Date(0);
  private readonly taken = new Set<string>();
  private readonly unsubscribe: (() => void) | null;
  private beating = false;
  private beatAgain = false;
  /** Messages that can only be followed once the run has ended. */
  readonly putOff = new Set<string>();
  /** Steps with a call that may still take effect, whatever is seen meanwhile: it was broken off, or another holder made it. */
  readonly unsure: Set<string>;

  /** With the store's clock for every time that is told or kept. */
  readonly deps: EngineDependencies;

  constructor(
    given: EngineDependencies,
    claim: Claim,
    readonly shutdown: AbortSignal,
    /** By `performance.now()`, when the lease was asked for: it may have run since then. */
    askedAt: number,
  ) {
    const deps = { ...given, clock: storeClock(given.clock, claim.now) };
    this.deps = deps;
    this.ledger = new RunLedger(claim, deps.store, deps.announcer, this.redact, (error) => this.breakOff(error));
    this.typed = new TypedSecrets(deps, claim.run, this.values, shutdown);
    this.unsure = new Set(claim.steps.filter(({ attempt }) => attempt > 0).map(({ id }) => id));
    this.watch(askedAt);
    this.heartbeat = setInterval(() => void this.beat(), deps.heartbeatMs);
    this.unsubscribe = deps.bell?.subscribe(claim.lease.runId, () => void this.beat()) ?? null;
    shutdown.addEventListener('abort', this.notify);
  }

  situation(): Situation {
    const { deps, ledger } = this;
    this.decidedAt = deps.clock.now();
    return {
      run: ledger.run,
      steps: ledger.steps,
      resources: ledger.resources,
      inFlight: new Set(this.inFlight.keys()),
      now: this.decidedAt,
      maxParallel: deps.maxParallel,
      workspaceUse: (action) => deps.registry.step(action)?.workspace ?? 'none',
    };
  }

  isBusy(): boolean {
    return this.inFlight.size > 0;
  }

  /** Aborted on cancel; and when this worker must let go, for good. */
  get callSignal(): AbortSignal {
    return this.calls.signal;
  }

  abortInFlight(): void {
    if (this.calls.signal.aborted) return;
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
    const timer = setTimeout(() => this.calls.abort(new Error('The worker is stopping.')), graceMs);
    await Promise.all(this.inFlight.values());
    clearTimeout(timer);
  }

  /** Takes out every secret value that this run or this process has handled. */
  readonly redact = (text: string): string => this.deps.processSecrets.redact(this.values.redact(text));

  /** In any text of it, names included. */
  holdsSecret(value: unknown): boolean {
    if (typeof value === 'string') return this.redact(value) !== value;
    if (typeof value !== 'object' || value === null) return false;
    return Object.entries(value).some(([key, part]) => this.holdsSecret(key) || this.holdsSecret(part));
  }

  /** The outside system behind a step or a kind of resource; null where there is none. */
  integration(id: string): Integration | null {
    return this.deps.integrations.of(this.deps.registry.providerOf(id));
  }

  openWorkspace(): Promise<OpenWorkspace> {
    this.workspace ??= this.deps.workspaces.open(this.ledger.run);
    return this.workspace;
  }

  /** What a writer left behind that did not come to its checkpoint: the next one starts from the last. */
  async discardWorkspace(): Promise<void> {
    const opened = this.workspace;
    this.workspace = null;
    await (await opened?.catch(() => null))?.close();
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
    clearTimeout(this.watchdog);
    this.unsubscribe?.();
    this.shutdown.removeEventListener('abort', this.notify);
    if (this.isBusy()) this.calls.abort(new LeaseLost(this.ledger.run.id));
    for (const begin of this.prepared.splice(0)) begin();
    await Promise.allSettled(this.inFlight.values());
    await this.discardWorkspace();
  }

  /** With the interval, and at once when the bell rings; one at a time, so that a storm of rings is two beats. */
  private async beat(): Promise<void> {
    this.beatAgain = this.beating;
    if (this.beating) return;
    this.beating = true;
    await this.beatOnce();
    this.beating = false;
    if (this.beatAgain) await this.beat();
  }

  private async beatOnce(): Promise<void> {
    const askedAt = performance.now();
    try {
      const messages = await this.deps.store.heartbeat(this.ledger.lease, this.deps.leaseMs);
      this.watch(askedAt);
      if (applyInbox(this, messages)) this.notify();
    } catch (error) {
      // A store that fails may come back in time; one that says nothing at all must not hold this up either: see `watch`.
      if (error instanceof LeaseLost) this.breakOff(error);
    }
  }

  /** Lets go of the run shortly before the lease that was asked for then can be another's, unless it is prolonged first. */
  private watch(askedAt: number): void {
    const holdsForMs = 0.9 * this.deps.leaseMs;
    clearTimeout(this.watchdog);
    this.watchdog = setTimeout(
      () => this.breakOff(new Error(`For ${holdsForMs / 1_000} s the lease on run ${this.ledger.run.id} could not be prolonged: another worker may have it.`)),
      askedAt + holdsForMs - performance.now(),
    );
    // A beat may be answered after the work has ended: no process is to be kept for that.
    this.watchdog.unref();
  }

  private breakOff(error: unknown): void {
    this.broken ??= error instanceof Error ? error : new Error(String(error));
    this.calls.abort(error);
    this.notify();
  }

  private untilNextDue(): number {
    const { run, steps, resources } = this.ledger;
    const now = this.deps.clock.now();
    const { decidedAt } = this;
    const removals = resources.flatMap(({ removal }) => removal?.until ?? []);
    const waits = [...steps.values()].flatMap((step) => (step.status === 'WAITING' && step.wait ? step.wait.until : []));
    const due = run.status === 'UNDOING' ? removals : [deadlineOf(run, now), ...waits];
    // What was due already has been decided on, and waits for something else to end; what has become due since has not.
    const ahead = due.filter((time) => time > decidedAt).map((time) => Math.max(0, time.getTime() - now.getTime()));
    return Math.min(60_000, ...ahead);
  }
}
