import type { KubernetesObject } from '../cluster.js';
import { ownersOf, trackUpdate } from './managed-fields.js';
import { findKind } from './resource-types.js';

const type = findKind('apps/v1', 'Deployment')!;
const created = write(undefined, { spec: { replicas: 1, template: { spec: { containers: [{ name: 'app', image: 'shop:1' }] } } } }, 'slipway');
const reported = write(created, { ...created, status: { replicas: 1, readyReplicas: 0 } }, 'controller', 'status');

test('what others own in a part that was not written stays as it is, and a value reported anew changes but the time', () => {
  const again = write(reported, { ...reported, status: { replicas: 1, readyReplicas: 1 } }, 'controller', 'status', '2026-01-02T00:00:00Z');
  const [spec, status] = entries(reported);
  expect(entries(again)).toEqual([spec, { ...(status as object), time: '2026-01-02T00:00:00Z' }]);
  expect(entries(again)[0]).toBe(spec);
});

test('who writes another value takes the field, and what is removed is nobody’s', () => {
  const scaled = write(reported, { ...reported, spec: { replicas: 2 } }, 'autoscaler');
  expect(owned(scaled)).toEqual({ controller: ['status.readyReplicas', 'status.replicas'], autoscaler: ['spec.replicas'] });
  const back = write(scaled, { ...scaled, spec: { replicas: 3, paused: true } }, 'autoscaler');
  expect(owned(back)['autoscaler']).toEqual(['spec.paused', 'spec.replicas']);
  expect(owned(write(back, { ...back, status: undefined }, 'slipway'))).toEqual({ autoscaler: ['spec.paused', 'spec.replicas'] });
});

test('an element of a list is owned beside its fields', () => {
  const containers = [{ name: 'app', image: 'shop:2' }];
  const changed = write(created, { ...created, spec: { replicas: 1, template: { spec: { containers } } } }, 'ci');
  const element = 'spec.template.spec.containers.{"name":"app"}';
  expect(owned(changed)).toEqual({ slipway: ['spec.replicas', `${element}.name`], ci: [`${element}.image`] });
});

test('an empty entry clears what was owned', () => {
  const cleared = write(reported, { ...reported, metadata: { ...reported.metadata, managedFields: [{}] } }, 'slipway');
  expect(entries(cleared)).toEqual([]);
});

function write(
  before: KubernetesObject | undefined,
  fields: Record<string, unknown>,
  manager: string,
  subresource?: string,
  time = '2026-01-01T00:00:00Z',
): KubernetesObject {
  const after = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'shop' }, ...fields };
  return trackUpdate(type, before, after, { manager, time, ...(subresource === undefined ? {} : { subresource }) });
}

function entries({ metadata }: KubernetesObject): unknown[] {
  return metadata['managedFields'] as unknown[];
}

function owned(object: KubernetesObject): Record<string, string[]> {
  return Object.fromEntries(
    ownersOf(object).map(({ manager, paths }) => [manager, [...paths].map((path) => path.split('\u001f').map((one) => one.slice(2)).join('.')).sort()]),
  );
}
