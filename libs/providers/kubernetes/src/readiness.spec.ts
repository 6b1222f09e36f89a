import { missingFor, WatchedObject } from './readiness.js';

function missing(kind: string, rest: Record<string, unknown>): string | null {
  return missingFor(WatchedObject.parse({ kind, metadata: { name: 'shop', generation: 2 }, ...rest }));
}

const condition = (type: string, status: string, message?: string) => ({ conditions: [{ type, status, message }] });

describe('missingFor', () => {
  it.each([
    ['StatefulSet', { spec: { replicas: 1 } }, 'has a change that its controller has not seen yet'],
    [
      'StatefulSet',
      { spec: { replicas: 1 }, status: { observedGeneration: 1, readyReplicas: 1 } },
      'has a change that its controller has not seen yet',
    ],
    ['StatefulSet', { spec: { replicas: 1 }, status: { observedGeneration: 2 } }, 'has 0 of 1 replicas ready'],
    ['StatefulSet', { spec: { replicas: 3 }, status: { observedGeneration: 2, readyReplicas: 2 } }, 'has 2 of 3 replicas ready'],
    ['StatefulSet', { spec: {}, status: { observedGeneration: 2, readyReplicas: 1 } }, null],
    [
      'StatefulSet',
      {
        spec: { replicas: 1 },
        status: { observedGeneration: 2, readyReplicas: 1, updatedReplicas: 0, currentRevision: 'a', updateRevision: 'b' },
      },
      'has 0 of 1 replicas at its latest version',
    ],
    [
      'StatefulSet',
      {
        spec: { replicas: 1 },
        status: { observedGeneration: 2, readyReplicas: 1, updatedReplicas: 0, currentRevision: 'b', updateRevision: 'b' },
      },
      null,
    ],
    [
      'Deployment',
      { spec: { replicas: 2 }, status: { observedGeneration: 2, readyReplicas: 2, availableReplicas: 1 } },
      'has 1 of 2 replicas ready',
    ],
    [
      'Deployment',
      // Just restarted: none is left out.
      { spec: { replicas: 1 }, status: { observedGeneration: 2, availableReplicas: 1, replicas: 1 } },
      'has 0 of 1 replicas at its latest version',
    ],
    [
      'Deployment',
      { spec: { replicas: 2 }, status: { observedGeneration: 2, availableReplicas: 2, updatedReplicas: 1, replicas: 3 } },
      'has 1 of 2 replicas at its latest version',
    ],
    [
      'Deployment',
      { spec: { replicas: 2 }, status: { observedGeneration: 2, availableReplicas: 2, updatedReplicas: 2, replicas: 3 } },
      'still runs replicas of its previous version',
    ],
    [
      'Deployment',
      { spec: { replicas: 2 }, status: { observedGeneration: 2, availableReplicas: 2, updatedReplicas: 2, replicas: 2 } },
      null,
    ],
    ['Deployment', { spec: { replicas: 0 }, status: { observedGeneration: 2 } }, null],
    ['DaemonSet', { status: { observedGeneration: 2, desiredNumberScheduled: 3, numberReady: 1 } }, 'is ready on 1 of 3 nodes'],
    [
      'DaemonSet',
      { status: { observedGeneration: 2, desiredNumberScheduled: 3, numberReady: 3, updatedNumberScheduled: 1 } },
      'is on 1 of 3 nodes at its latest version',
    ],
    [
      'DaemonSet',
      // Just restarted: none is left out.
      { status: { observedGeneration: 2, desiredNumberScheduled: 1, numberReady: 1 } },
      'is on 0 of 1 nodes at its latest version',
    ],
    ['DaemonSet', { status: { observedGeneration: 2, desiredNumberScheduled: 3, numberReady: 3, updatedNumberScheduled: 3 } }, null],
    ['Job', { status: condition('Complete', 'True') }, null],
    ['Job', { status: {} }, 'is not Complete yet'],
    ['Pod', { status: { phase: 'Succeeded' } }, null],
    [
      'Pod',
      { status: condition('Ready', 'False', 'containers with unready status: [app]') },
      'is not Ready: containers with unready status: [app]',
    ],
    ['PersistentVolumeClaim', { status: { phase: 'Pending' } }, 'is Pending, not Bound'],
    [
      'ExternalSecret',
      { status: condition('Ready', 'False', 'could not get secret') },
      'is not Ready or Available: could not get secret',
    ],
    ['ExternalSecret', { status: condition('Ready', 'True') }, null],
    ['ConfigMap', {}, null],
    ['ConfigMap', { metadata: { name: 'shop', deletionTimestamp: new Date() } }, 'is being deleted'],
  ])('%s %j: %s', (kind, rest, expected) => {
    expect(missing(kind, rest)).toBe(expected);
  });
});
