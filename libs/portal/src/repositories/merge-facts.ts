import type { Check, HeadCommit, RepositoryFacts, RepositoryState } from '@slipway/contracts';

export interface Merged {
  facts: RepositoryFacts;
  changed: boolean;
  /** Which of two facts is the newer cannot be told from them: what is true has to be asked. */
  unclear: boolean;
}

const mostChecks = 50;

/** What was told of a repository, or asked of it. */
export interface Told {
  seen: RepositoryFacts;
  /** What is no longer there: the release of that id, or whichever is known (`*`). */
  goneRelease?: string;
  /** The repository itself is no longer there. */
  gone?: boolean;
  /** It was asked, just now: it is right wherever times are equal. */
  isTruth?: boolean;
  /** The id of the latest release that was known when it was asked; null: none was. */
  knownRelease?: string | null;
}

/** What is known once this is known too: a newer fact replaces an older one, whatever the order in which they come. */
export function mergeFacts(known: RepositoryFacts, { seen, goneRelease, gone = false, isTruth = false, knownRelease }: Told): Merged {
  const merging = new Merging(known, isTruth);
  if (goneRelease !== undefined) merging.forgetRelease(goneRelease, knownRelease);
  if (seen.state) merging.take('state', seen.state, stateOrder);
  if (gone) merging.forgetRepository();
  if (seen.commit && seen.commit.branch === merging.facts.state?.defaultBranch) merging.take('commit', seen.commit, commitOrder);
  if (seen.release) merging.take('release', seen.release, byTime);
  if (seen.image) merging.take('image', seen.image, byTime);
  for (const check of seen.checks ?? []) merging.takeCheck(check);
  merging.dropStale();
  const { facts, changed, unclear } = merging;
  return { facts, changed, unclear };
}

type Order = 'newer' | 'older' | 'same' | 'unclear';
type Single = 'state' | 'commit' | 'release' | 'image';

class Merging {
  readonly facts: RepositoryFacts;
  changed = false;
  unclear = false;

  constructor(
    known: RepositoryFacts,
    private readonly isTruth: boolean,
  ) {
    this.facts = { ...known };
  }

  take<Name extends Single>(name: Name, seen: NonNullable<RepositoryFacts[Name]>, orderOf: (known: NonNullable<RepositoryFacts[Name]>, seen: NonNullable<RepositoryFacts[Name]>) => Order): void {
    const known = this.facts[name] as NonNullable<RepositoryFacts[Name]> | undefined;
    const order = known ? orderOf(known, seen) : 'newer';
    if (order === 'same' || order === 'older') return;
    if (order === 'unclear' && !this.isTruth) {
      this.unclear = true;
      return;
    }
    this.facts[name] = seen;
    this.changed = true;
  }

  forgetRepository(): void {
    const { state } = this.facts;
    if (!state || state.condition === 'deleted') return;
    this.facts.state = { ...state, condition: 'deleted' };
    this.changed = true;
  }

  forgetRelease(id: string, knownWhenAsked: string | null | undefined): void {
    const known = this.facts.release?.id;
    if (known === undefined || (id !== '*' && id !== known)) return;
    // It was told of while we asked, and whether before or after the answer nobody knows.
    if (knownWhenAsked !== undefined && knownWhenAsked !== known) {
      this.unclear = true;
      return;
    }
    delete this.facts.release;
    this.changed = true;
    // An earlier one is the latest again; but who has just been asked has said which.
    if (!this.isTruth) this.unclear = true;
  }

  takeCheck(seen: Check): void {
    const checks = this.facts.checks ?? [];
    const known = checks.find(({ id }) => id === seen.id);
    if (known && checkRank(seen) <= checkRank(known)) return;
    this.facts.checks = [...checks.filter(({ id }) => id !== seen.id), seen].sort((one, other) => compare(one.at, other.at)).slice(-mostChecks);
    this.changed = true;
  }

  /** Another branch became the default: its latest commit is not known yet. */
  dropStale(): void {
    const { commit, state } = this.facts;
    if (!commit || !state || commit.branch === state.defaultBranch) return;
    delete this.facts.commit;
    this.changed = true;
    this.unclear = true;
  }
}

function byTime(known: { at: string }, seen: { at: string }): Order {
  const order = compare(seen.at, known.at);
  if (order !== 0) return order > 0 ? 'newer' : 'older';
  return JSON.stringify(sorted(known)) === JSON.stringify(sorted(seen)) ? 'same' : 'unclear';
}

/** A deletion leaves the time of the last change as it was. */
function stateOrder(known: RepositoryState, seen: RepositoryState): Order {
  const order = byTime(known, seen);
  if (order !== 'unclear') return order;
  return seen.condition === 'deleted' && known.condition !== 'deleted' ? 'newer' : 'unclear';
}

/** Two pushes of one second are told apart by what each found there. */
function commitOrder(known: HeadCommit, seen: HeadCommit): Order {
  if (known.sha === seen.sha) return compare(seen.at, known.at) > 0 && known.branch === seen.branch ? 'newer' : 'same';
  const order = byTime(known, seen);
  if (order !== 'unclear') return order;
  if (seen.before === known.sha) return 'newer';
  return known.before === seen.sha ? 'older' : 'unclear';
}

const statuses = ['queued', 'in_progress', 'completed'];

/** Attempts come one after the other, and each goes through its statuses in their order. */
function checkRank({ attempt, status, at }: Check): string {
  return `${String(attempt).padStart(6, '0')} ${statuses.indexOf(status)} ${new Date(at).toISOString()}`;
}

function compare(one: string, other: string): number {
  return Date.parse(one) - Date.parse(other);
}

function sorted(value: object): [string, unknown][] {
  return Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
}
