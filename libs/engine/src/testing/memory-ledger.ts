import type { Clock } from '../ports/clock.js';
import type { Secrets } from '../ports/secrets.js';
import type { ResourceContext, ResourceKind } from '../resource-kind.js';
import type { LedgerResource, PlannedResource, Removal, ResourceLedger, StepLog } from '../step-definition.js';

export interface MemoryLedgerOptions {
  kinds: readonly ResourceKind[];
  mark: string;
  runId: string;
  stepId: string;
  signal: AbortSignal;
  log: StepLog;
  secrets: Secrets;
  clock: Clock;
}

/** Thrown by `MemoryLedger` where a test asked the process to die. Never a `StepError`: no step may handle it. */
export class Crash extends Error {
  constructor(when: string) {
    super(`The test ended the process ${when}.`);
    this.name = 'Crash';
  }
}

/** The ledger of one entity in memory, with the states the real one has, and a place to die for crash tests. */
export class MemoryLedger implements ResourceLedger {
  readonly rows: LedgerResource[] = [];
  /** Die once: `planned` right after the row is written and before the call, `made` after the call and before the record. */
  crash: 'planned' | 'made' | null = null;

  constructor(private readonly options: MemoryLedgerOptions) {}

  plan(resource: PlannedResource): Promise<void> {
    const row = this.find(resource);
    if (!row) {
      this.rows.push(this.newRow(resource));
    } else if (row.state !== 'PLANNED' && row.state !== 'CREATED') {
      Object.assign(row, { state: 'PLANNED', note: null, url: null, properties: resource.properties ?? {} });
    }
    this.dieIf('planned');
    return Promise.resolve();
  }

  created(resource: Parameters<ResourceLedger['created']>[0]): Promise<void> {
    this.dieIf('made');
    const row = this.find(resource);
    if (!row) throw new Error(`Resource ${resource.kind} "${resource.externalId}" was created without having been planned.`);
    row.state = 'CREATED';
    if (resource.url !== undefined) row.url = resource.url;
    row.properties = { ...row.properties, ...resource.properties };
    return Promise.resolve();
  }

  standing(): Promise<LedgerResource[]> {
    return Promise.resolve(
      this.rows.filter((row) => row.state !== 'REMOVED' && row.state !== 'KEPT').map((row) => structuredClone(row)),
    );
  }

  async remove(resource: LedgerResource, options: Record<string, unknown> = {}): Promise<Removal> {
    const removal = await this.kindOf(resource).remove(this.context(options), resource);
    const row = this.find(resource);
    if (row && removal.outcome !== 'pending') row.state = removal.outcome === 'kept' ? 'KEPT' : 'REMOVED';
    if (row && 'note' in removal) row.note = removal.note;
    return removal;
  }

  kindOf(resource: { kind: string }): ResourceKind {
    const kind = this.options.kinds.find((candidate) => candidate.kind === resource.kind);
    if (!kind)
      throw new Error(`The step recorded a resource of kind "${resource.kind}", which its provider does not know how to remove.`);
    return kind;
  }

  context(options: Record<string, unknown> = {}): ResourceContext {
    const { mark, signal, log, secrets, clock } = this.options;
    return { mark, signal, log, secrets, clock, options };
  }

  private find(resource: { kind: string; externalId: string }): LedgerResource | undefined {
    return this.rows.find((row) => row.kind === resource.kind && row.externalId === resource.externalId);
  }

  private newRow(resource: PlannedResource): LedgerResource {
    const { kind, externalId, title, properties = {} } = resource;
    const { runId, stepId } = this.options;
    return { kind, externalId, title, url: null, properties, state: 'PLANNED', runId, stepId, depth: 0, note: null, removal: null };
  }

  private dieIf(when: 'planned' | 'made'): void {
    if (this.crash !== when) return;
    this.crash = null;
    throw new Crash(when === 'planned' ? 'after planning a resource' : 'before recording a resource');
  }
}
