import type { Cluster, KubernetesObject } from '../cluster.js';
import type { Application } from './application.js';
import { matchesLive } from './difference.js';
import { ArgoError } from './errors.js';
import { identityOf } from './identity.js';
import { type Inventory, liveOf, referenceTo, sameObject } from './inventory.js';
import { comparisonMessage, type TargetState, type TargetStates } from './target-state.js';

interface ManagedParts {
  cluster: Cluster;
  inventory: Inventory;
  targets: TargetStates;
}

/** What should be there beside what is there, each as the text of its JSON; of secrets the values are hidden. */
export async function managedResources(
  application: Application,
  filter: Record<string, string | undefined>,
  { cluster, inventory, targets }: ManagedParts,
): Promise<object> {
  const target = await load(application, targets);
  const wanted = target.objects.map((object) => itemOf(object, liveOf(cluster, object)));
  const references = target.objects.map(referenceTo);
  const surplus = inventory
    .live(application.metadata.name)
    .filter((object) => !references.some((reference) => sameObject(reference, referenceTo(object))))
    .map((object) => itemOf(undefined, object));
  const items = [...wanted, ...surplus].filter((item) =>
    (['group', 'version', 'kind', 'namespace', 'name'] as const).every((key) => !filter[key] || item[key] === filter[key]),
  );
  return { items: items.length > 0 ? items : null };
}

async function load(application: Application, targets: TargetStates): Promise<TargetState> {
  try {
    return await targets.load(application, application.status.sync.revision);
  } catch (error) {
    throw new ArgoError('Internal', comparisonMessage(error));
  }
}

function itemOf(target: KubernetesObject | undefined, live: KubernetesObject | undefined) {
  const { version, ...identity } = identityOf((target ?? live)!);
  const liveState = textOf(live);
  const modified = !target || !live || !matchesLive(target, live);
  return {
    ...identity,
    version,
    targetState: textOf(target),
    liveState,
    normalizedLiveState: liveState,
    predictedLiveState: textOf(modified ? target : live),
    ...(live?.metadata.resourceVersion && { resourceVersion: live.metadata.resourceVersion }),
    ...(modified && { modified }),
  };
}

const HIDDEN = '++++++++';

/** Of a secret the values are hidden. */
export function textOf(object: KubernetesObject | undefined): string {
  if (!object) return 'null';
  if (object.kind !== 'Secret') return JSON.stringify(object);
  const hide = (values: object) => Object.fromEntries(Object.keys(values).map((key) => [key, HIDDEN]));
  const { data, stringData } = object as { data?: object; stringData?: object };
  return JSON.stringify({ ...object, ...(data && { data: hide(data) }), ...(stringData && { stringData: hide(stringData) }) });
}
