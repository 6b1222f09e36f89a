import type { Application } from './application.js';

export type Readiness =
  /** `revision` is what runs, since this operation. */
  | { state: 'ready'; revision: string; operation: string; reconciledAt: string }
  /** It is at another commit, of which is to be found out whether it descends from the one that must run. */
  | { state: 'elsewhere'; revision: string; reason: string }
  /** `reason` says what is missing, for the person who watches. */
  | { state: 'waiting'; reason: string }
  /** The operation ended badly; Argo CD will not try this revision again by itself. `operation` tells one from the next. */
  | { state: 'failed'; operation: string; message: string };

export interface Wanted {
  /** The commit that must run, or one that descends from it. */
  revision: string;
  /** Those known to descend from it. */
  descendants?: readonly string[];
  /** RFC 3339, by Argo CD's clock: an operation that began before is not the one asked for. */
  requestedAt?: string;
}

/**
 * Whether an application is synced and healthy at a revision, judged from one look. Sync, health and comparison are written
 * by separate controllers at separate times, so each must be newer than what it judges (akuity/kargo#2196).
 */
export function assessReadiness(application: Application, wanted: Wanted): Readiness {
  const { metadata, status, operation } = application;
  if (metadata.deletionTimestamp !== undefined) return waiting('the application is being deleted');
  if (operation !== undefined) return waiting('an operation is about to start');

  const last = status.operationState;
  if (!last) return waiting(describeFaults(application) ?? 'the first sync has not started');
  if (last.finishedAt === undefined || last.phase === 'Running' || last.phase === 'Terminating') {
    return waiting(`the sync is ${last.phase.toLowerCase()}${last.message ? ` (${last.message})` : ''}`);
  }
  if (wanted.requestedAt !== undefined && isBefore(last.startedAt, wanted.requestedAt)) {
    return waiting('the last sync began before this one was asked for');
  }
  const ended = `${last.startedAt} ${last.finishedAt}`;
  const synced = last.syncResult?.revision;
  const isWanted = synced === wanted.revision || (synced !== undefined && wanted.descendants?.includes(synced));
  if (last.phase !== 'Succeeded' && (synced === undefined || isWanted)) {
    return { state: 'failed', operation: ended, message: last.message ?? `the sync ended as ${last.phase}` };
  }
  if (!synced) return waiting('the last sync was of no revision');
  if (!isWanted) return { state: 'elsewhere', revision: synced, reason: `the last sync was of ${brief(synced)}` };

  const faults = describeFaults(application);
  if (faults !== undefined) return waiting(faults);
  if (status.sync.status !== 'Synced') return waiting(`sync is ${status.sync.status}`);
  if (status.sync.revision !== synced) return waiting(`it was last compared with ${brief(status.sync.revision)}`);
  if (status.health.status !== 'Healthy')
    return waiting(`health is ${status.health.status}${describeUnhealthy(application.status.resources)}`);
  // The command line's own rule: only a comparison made after the operation says something about its result.
  if (status.reconciledAt === undefined || isBefore(status.reconciledAt, last.finishedAt)) {
    return waiting('Argo CD has not compared since the sync');
  }
  return { state: 'ready', revision: synced, operation: ended, reconciledAt: status.reconciledAt };
}

interface JudgedResource {
  kind: string;
  name: string;
  health?: { status: string; message?: string | undefined } | undefined;
}

/** ` (Deployment shop: 0 of 1 ready)`, or nothing where no resource says more than the application does. */
export function describeUnhealthy(resources: readonly JudgedResource[]): string {
  const told = resources
    .filter(({ health }) => health && health.status !== 'Healthy')
    .map(({ kind, name, health }) => `${kind} ${name}: ${health?.message ?? health?.status}`);
  return told.length === 0 ? '' : ` (${told.slice(0, 5).join('; ')})`;
}

function describeFaults(application: Application): string | undefined {
  const faults = application.status.conditions.filter(({ type }) => type.endsWith('Error'));
  return faults.length === 0 ? undefined : faults.map(({ type, message }) => `${type}: ${message}`).join('; ');
}

function waiting(reason: string): Readiness {
  return { state: 'waiting', reason };
}

/** Times are in whole seconds: two within one second count as the same. */
function isBefore(a: string, b: string): boolean {
  return Date.parse(a) < Date.parse(b);
}

function brief(revision: string | undefined): string {
  return revision === undefined || revision === '' ? 'no revision' : `revision ${revision.slice(0, 7)}`;
}
