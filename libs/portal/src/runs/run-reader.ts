import type { LogEvent, ResourceView, RunEvent, RunStatus, RunView, StepStatus } from '@slipway/contracts';
import type { TypedSecret } from '@slipway/engine';
import type { Visibility } from '../access/visibility.js';
import type { Page } from '../page.js';

/** Looks at runs and their history; changes nothing. */
export interface RunReader {
  find(runId: string): Promise<OwnedRun | null>;
  /** Whose it is, which tells who may see it, at a fraction of what the run takes. */
  ownerOf(runId: string): Promise<Pick<OwnedRun, 'team'> | null>;
  list(query: RunListQuery): Promise<Page<RunView>>;
  /** What its output is worked out from; null where its plan has none. */
  results(runId: string): Promise<RunResults | null>;
  resources(runId: string): Promise<ResourceView[]>;
  /** The secret fields that something was typed into when the run was requested. */
  typedSecrets(runId: string): Promise<TypedSecret[]>;
  /** Log lines with `line` > `offset`, in order. */
  logLines(runId: string, offset: number, limit: number): Promise<LogEvent[]>;
  /** For each, in their order, a page of events and how far the run was in the same instant; null when there is no such run. */
  eventPages(readers: readonly PlaceInRun[], limit: number): Promise<(EventPage | null)[]>;
}

/** How far somebody has read. */
export interface PlaceInRun {
  runId: string;
  /** The `seq` of the last event he has. */
  after: number;
}

export interface OwnedRun {
  run: RunView;
  team: string | null;
}

export interface RunResults {
  output: Record<string, unknown>;
  run: Pick<RunView, 'id' | 'entity' | 'inputs' | 'requestedBy'>;
  /** Items of an `each` left out: their parents have the lists. */
  steps: { id: string; parent: null; status: StepStatus; output: unknown }[];
}

export interface RunListQuery extends RunFilter {
  visibility: Visibility;
  limit: number;
  after: string | null;
}

export interface RunFilter {
  blueprint?: string;
  entity?: string;
  action?: string;
  statuses?: RunStatus[];
}

export interface EventPage {
  events: RunEvent[];
  status: RunStatus;
  lastSeq: number;
}
