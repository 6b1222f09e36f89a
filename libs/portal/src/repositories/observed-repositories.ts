import type { RepositoryFacts } from '@slipway/contracts';

/** A repository as its own system knows it; its name may change, its id does not. */
export interface RepositoryKey {
  /** In the ledger, e.g. `github:repository`. */
  kind: string;
  id: number;
  fullName: string;
}

/** What is known of the repositories that entities hold. */
export interface ObservedRepositories {
  /**
   * Hands over what is known of each, one after the other, and keeps what comes back, all in one transaction: two observations
   * at once meet here. The entity shows it, and so do its links. Of one that no entity here holds, `change` is not asked.
   */
  observe(repositories: readonly RepositoryKey[], change: (known: RepositoryFacts, index: number) => Observed): Promise<void>;
  /** One whose truth is due, for the caller alone for a while; null: none is. */
  takeDue(kind: string): Promise<DueRepository | null>;
  /** Of all that entities hold, or of those alone that nothing was ever heard of: the truth is due now. */
  makeDue(kind: string, which: 'all' | 'unheard'): Promise<number>;
}

export interface Observed {
  facts: RepositoryFacts;
  changed: boolean;
  /** When the other side is to be asked, in ms from now; null: when it would have been anyway. */
  askAfterMs: number | null;
}

export interface DueRepository {
  /** Null: the ledger has its name alone. */
  id: number | null;
  fullName: string;
  /** The id of the latest release that is known before the truth is asked for. */
  knownRelease: string | null;
}
