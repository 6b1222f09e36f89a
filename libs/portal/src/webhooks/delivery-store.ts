import type { NewSignal } from '../engine/new-signal.js';

/** Webhooks as received. Stored before anything is done about them, so that none is lost between answer and effect. */
export interface DeliveryStore {
  /** False: a delivery of this id is there already. */
  add(delivery: Delivery): Promise<boolean>;
  /** With it, and once, the signal is sent; answers the runs that were waiting for it. */
  finish(id: DeliveryId, outcome: string, signal: NewSignal | null): Promise<string[]>;
  /** Stored at least `olderThanMs` ago and still without an outcome, oldest first. */
  pending(olderThanMs: number, limit: number): Promise<Delivery[]>;
  /** Sets the latest commit of the entity that holds the repository, unless it has a newer one. */
  applyCommit(repository: LedgerKey, commit: LatestCommit): Promise<CommitOutcome>;
}

export interface DeliveryId {
  provider: string;
  deliveryId: string;
}

export interface Delivery extends DeliveryId {
  /** As the provider names it in its header, e.g. `push`. */
  event: string;
  /** The exact bytes that were signed. */
  body: Buffer;
}

/** How the ledger knows a thing, e.g. `github:repository`, `acme/shop`. */
export interface LedgerKey {
  kind: string;
  externalId: string;
}

/** `at`: ISO 8601 with an offset or `Z`. */
export interface LatestCommit {
  sha: string;
  message: string;
  author: string;
  url: string;
  at: string;
}

export type CommitOutcome = 'applied' | 'older' | 'unknown_repository';
