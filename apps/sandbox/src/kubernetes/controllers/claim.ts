import type { KubernetesObject } from '../../cluster.js';
import { at, isObject, listAt, textAt } from '../json.js';
import { updateStatus } from '../replace-object.js';
import { typeOf } from '../resource-types.js';
import type { ControllerContext, ObjectKey } from './start-controllers.js';

/** A claim is bound at once: there is room for everyone. */
export function reconcileClaim({ api }: ControllerContext, _key: ObjectKey, claim: KubernetesObject | undefined): void {
  if (!claim || textAt(claim, 'status', 'phase') === 'Bound') return;
  const requests = at(claim, 'spec', 'resources', 'requests');
  const status = {
    phase: 'Bound',
    accessModes: listAt(claim, 'spec', 'accessModes'),
    capacity: isObject(requests) ? requests : {},
  };
  updateStatus(api, typeOf('PersistentVolumeClaim'), claim, status);
}
