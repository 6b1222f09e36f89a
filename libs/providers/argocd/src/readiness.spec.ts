import { Application } from './application.js';
import { assessReadiness } from './readiness.js';

const sha = 'a'.repeat(40);
const older = 'b'.repeat(40);

interface Changes {
  metadata?: object;
  operation?: object;
  status?: object;
  operationState?: object | null;
}

/** Synced and healthy at `sha`, with these changes. */
function application({ metadata, operation, status, operationState }: Changes = {}): Application {
  return Application.parse({
    metadata: { name: 'shop', creationTimestamp: '2026-01-01T00:00:00Z', ...metadata },
    ...(operation && { operation }),
    status: {
      sync: { status: 'Synced', revision: sha },
      health: { status: 'Healthy' },
      reconciledAt: '2026-01-01T00:00:20Z',
      operationState:
        operationState === null
          ? null
          : {
              phase: 'Succeeded',
              startedAt: '2026-01-01T00:00:10Z',
              finishedAt: '2026-01-01T00:00:15Z',
              syncResult: { revision: sha },
              ...operationState,
            },
      ...status,
    },
  });
}

const progressing = [
  { kind: 'Service', name: 'shop', health: { status: 'Healthy' } },
  { kind: 'Deployment', name: 'shop', health: { status: 'Progressing', message: '0 of 1 ready' } },
];

describe('assessReadiness', () => {
  it('is ready where everything agrees', () => {
    expect(assessReadiness(application(), { revision: sha })).toEqual({
      ...{ state: 'ready', revision: sha, operation: '2026-01-01T00:00:10Z 2026-01-01T00:00:15Z' },
      reconciledAt: '2026-01-01T00:00:20Z',
    });
  });

  it('takes a comparison in the second of the operation as after it', () => {
    expect(assessReadiness(application({ status: { reconciledAt: '2026-01-01T00:00:15Z' } }), { revision: sha })).toMatchObject({
      state: 'ready',
    });
  });

  it.each<[string, Changes, string]>([
    ['being deleted', { metadata: { deletionTimestamp: '2026-01-01T00:01:00Z' } }, 'the application is being deleted'],
    ['operation asked for', { operation: { sync: {} } }, 'an operation is about to start'],
    ['no operation yet', { operationState: null }, 'the first sync has not started'],
    [
      'no operation, and why',
      { operationState: null, status: { conditions: [{ type: 'ComparisonError', message: 'no such path' }] } },
      'ComparisonError: no such path',
    ],
    [
      'running',
      { operationState: { phase: 'Running', finishedAt: undefined, message: 'waiting for wave 1' } },
      'the sync is running (waiting for wave 1)',
    ],
    ['terminating', { operationState: { phase: 'Terminating' } }, 'the sync is terminating'],
    ['synced nothing', { operationState: { syncResult: undefined } }, 'the last sync was of no revision'],
    ['faulty', { status: { conditions: [{ type: 'SyncError', message: 'denied' }] } }, 'SyncError: denied'],
    ['out of sync', { status: { sync: { status: 'OutOfSync', revision: sha } } }, 'sync is OutOfSync'],
    [
      'compared with another revision',
      { status: { sync: { status: 'Synced', revision: older } } },
      'it was last compared with revision bbbbbbb',
    ],
    ['missing', { status: { health: { status: 'Missing' } } }, 'health is Missing'],
    [
      'progressing',
      { status: { health: { status: 'Progressing' }, resources: progressing } },
      'health is Progressing (Deployment shop: 0 of 1 ready)',
    ],
    ['not compared since', { status: { reconciledAt: '2026-01-01T00:00:14Z' } }, 'Argo CD has not compared since the sync'],
    ['never compared', { status: { reconciledAt: undefined } }, 'Argo CD has not compared since the sync'],
  ])('waits: %s', (_title, changes, reason) => {
    expect(assessReadiness(application(changes), { revision: sha })).toEqual({ state: 'waiting', reason });
  });

  it('waits for an operation that began after it was asked for', () => {
    expect(assessReadiness(application(), { revision: sha, requestedAt: '2026-01-01T00:00:11Z' })).toMatchObject({
      state: 'waiting',
    });
    expect(assessReadiness(application(), { revision: sha, requestedAt: '2026-01-01T00:00:10Z' })).toMatchObject({
      state: 'ready',
    });
  });

  it.each(['Succeeded', 'Failed'])('is elsewhere where the last sync, which %s, was of another revision', (phase) => {
    expect(
      assessReadiness(application({ operationState: { phase, syncResult: { revision: older } } }), { revision: sha }),
    ).toEqual({ state: 'elsewhere', revision: older, reason: 'the last sync was of revision bbbbbbb' });
  });

  it('is ready at a descendant, if it was compared with the same one', () => {
    const wanted = { revision: older, descendants: [sha] };
    expect(assessReadiness(application(), wanted)).toMatchObject({ state: 'ready', revision: sha });
    const behind = application({ status: { sync: { status: 'Synced', revision: older } } });
    expect(assessReadiness(behind, wanted)).toEqual({ state: 'waiting', reason: 'it was last compared with revision bbbbbbb' });
  });

  it('goes on past conditions that are only warnings', () => {
    const status = { conditions: [{ type: 'SharedResourceWarning', message: 'shared' }] };
    expect(assessReadiness(application({ status }), { revision: sha })).toMatchObject({ state: 'ready' });
  });

  it.each(['Failed', 'Error'])('has failed: %s', (phase) => {
    expect(
      assessReadiness(application({ operationState: { phase, message: 'one or more objects failed' } }), { revision: sha }),
    ).toEqual({
      state: 'failed',
      operation: '2026-01-01T00:00:10Z 2026-01-01T00:00:15Z',
      message: 'one or more objects failed',
    });
  });
});
