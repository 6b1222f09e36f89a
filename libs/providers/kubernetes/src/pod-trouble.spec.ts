import { podTrouble } from './pod-trouble.js';

const pod = (status: object) => ({ metadata: { name: 'shop-0' }, status });
const app = (rest: object) => pod({ containerStatuses: [{ name: 'app', ...rest }] });

describe('podTrouble', () => {
  it.each([
    ['no pod', [], null],
    ['a pod without status', [{ metadata: { name: 'shop-0' } }], null],
    ['on its way', [app({ ready: false, state: { waiting: { reason: 'ContainerCreating' } } })], null],
    ['running', [app({ ready: true, restartCount: 4, state: {} })], null],
    [
      'no node',
      [pod({ conditions: [{ type: 'PodScheduled', status: 'False', message: '0/3 nodes are available' }] })],
      'pod shop-0 has no node: 0/3 nodes are available',
    ],
    [
      'no image',
      [app({ state: { waiting: { reason: 'ImagePullBackOff', message: 'manifest unknown' } } })],
      'container app of pod shop-0 waits: ImagePullBackOff (manifest unknown)',
    ],
    [
      'crashing',
      [
        app({
          restartCount: 2,
          state: { waiting: { reason: 'CrashLoopBackOff' } },
          lastState: { terminated: { exitCode: 1, reason: 'Error' } },
        }),
      ],
      'container app of pod shop-0 waits: CrashLoopBackOff, last exit code 1 (Error)',
    ],
    ['restarted', [app({ ready: false, restartCount: 2, state: {} })], 'container app of pod shop-0 was restarted 2 times'],
    [
      'an init container',
      [pod({ initContainerStatuses: [{ name: 'migrate', state: { waiting: { reason: 'ErrImagePull' } } }] })],
      'container migrate of pod shop-0 waits: ErrImagePull',
    ],
    [
      'the second pod',
      [app({ ready: true }), app({ state: { waiting: { reason: 'ErrImagePull' } } })],
      'container app of pod shop-0 waits: ErrImagePull',
    ],
  ])('%s', (_name, pods, expected) => {
    expect(podTrouble(pods)).toBe(expected);
  });
});
