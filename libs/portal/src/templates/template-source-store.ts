import type { TemplateFinding, TemplateSourceView, TemplateVersionView } from '@slipway/contracts';
import type { ActionRecord } from '../actions/action-store.js';

/** Where templates come from, as configured. */
export interface TemplateSource {
  name: string;
  /** Of a git repository, and the branch or tag to follow; null of a folder. */
  url: string | null;
  reference: string | null;
  /** Of the folder; in a repository from its root. */
  path: string;
  /** Null: looked at when somebody asks. */
  refreshMs: number | null;
}

export interface NewVersion {
  digest: string;
  archive: Uint8Array;
  commit: TemplateVersionView['commit'];
  changes: TemplateVersionView['changes'];
  findings: TemplateFinding[];
  /** Null where a finding is an error. */
  actions: ActionRecord[] | null;
}

/** What is known of the last version. */
export interface LatestVersion {
  id: string;
  digest: string;
  commit: TemplateVersionView['commit'];
  archive: Uint8Array;
  broken: boolean;
}

export type OfferOutcome =
  | { outcome: 'offered' | 'no_such_version' | 'broken' }
  /** Another source, or the configuration, offers an action of that name. */
  | { outcome: 'action_taken'; action: string };

export interface TemplateSourceStore {
  /** These and no others; what a source that left has offered is offered no more. Safe when several processes start at once. */
  configure(sources: readonly TemplateSource[]): Promise<void>;
  find(name: string): Promise<TemplateSource | null>;
  list(): Promise<TemplateSourceView[]>;
  repositories(): Promise<(TemplateSource & { url: string })[]>;
  /** A source whose time has come, for this caller alone: its next time is set already. */
  takeDue(): Promise<TemplateSource | null>;
  /** Its time has come now. */
  makeDue(name: string): Promise<void>;
  latest(name: string): Promise<LatestVersion | null>;
  /** Notes that somebody looked, and why it failed. */
  looked(name: string, failure: string | null): Promise<void>;
  /** Answers its id; null when it is the last one already. Forgets the oldest beyond fifty. */
  addVersion(name: string, version: NewVersion): Promise<string | null>;
  /** The newest good one, unless somebody chose another. */
  offerLatest(name: string): Promise<OfferOutcome>;
  /** One by its id, and held from then on; or `latest`, and no longer held. */
  choose(name: string, version: string, by: string): Promise<OfferOutcome>;
  /** Of `names`, those that another source or none offers. */
  takenActions(name: string, actions: readonly string[]): Promise<string[]>;
  knownBlueprints(): Promise<string[]>;
}
