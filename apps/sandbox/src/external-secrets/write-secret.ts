import { type Cluster, ClusterError, type KubernetesObject } from '../cluster.js';
import { API_VERSION, digest, type ExternalSecretSpec, specOf, targetName } from './external-secret.js';

const MANAGED = 'reconcile.external-secrets.io/managed';
const CREATED_BY = 'reconcile.external-secrets.io/created-by';
const DATA_HASH = 'reconcile.external-secrets.io/data-hash';

/** Why a Secret is not written; the message is that of the condition, the cause that of the event. */
export class WriteFailure extends Error {}

/** Whether the Secret is there and as it was last written. */
export function isValid(cluster: Cluster, object: KubernetesObject): boolean {
  const { creationPolicy } = specOf(object).target ?? {};
  if (creationPolicy === 'Orphan' || creationPolicy === 'None') return true;
  const secret = existingSecret(cluster, object);
  if (!secret) return false;
  const { labels, annotations } = secret.metadata;
  return labels?.[MANAGED] === 'true' && annotations?.[DATA_HASH] === digest(secret['data'] ?? {});
}

export function existingSecret(cluster: Cluster, object: KubernetesObject): KubernetesObject | undefined {
  return cluster.get('v1', 'Secret', object.metadata.namespace, targetName(object));
}

/** Makes the Secret, or makes it say what the provider says now. @throws WriteFailure */
export async function writeSecret(cluster: Cluster, object: KubernetesObject, values: Record<string, string>): Promise<void> {
  const spec = specOf(object);
  const existing = existingSecret(cluster, object);
  const owner = existing?.metadata.ownerReferences?.find(({ controller, kind }) => controller === true && kind === 'ExternalSecret');
  if (owner && owner.name !== object.metadata.name) throw new WriteFailure('target is owned by another ExternalSecret');
  if (existing?.['immutable'] === true) throw new WriteFailure('could not update secret, target is immutable');
  const { name, namespace } = object.metadata;
  const secret = secretOf(object, spec, values, existing);
  try {
    await cluster.apply(secret, { fieldManager: `externalsecrets.external-secrets.io/${name}`, force: true });
  } catch (error) {
    if (!(error instanceof ClusterError)) throw error;
    throw new WriteFailure('could not update secret', { cause: error });
  }
  cluster.recordEvent(object, 'Normal', existing ? 'Updated' : 'Created', existing ? 'secret updated' : 'secret created');
  if (spec.target?.creationPolicy === 'Merge') return;
  // One that was written under another name before is nobody's now.
  const label = createdBy(object);
  for (const old of cluster.list('v1', 'Secret', namespace)) {
    if (old.metadata.labels?.[CREATED_BY] !== label || old.metadata.name === secret.metadata.name) continue;
    await cluster.delete('v1', 'Secret', namespace, old.metadata.name);
  }
}

function secretOf(
  object: KubernetesObject,
  { target = {} }: ExternalSecretSpec,
  values: Record<string, string>,
  existing: KubernetesObject | undefined,
): KubernetesObject {
  const { name, namespace, uid = '' } = object.metadata;
  const { template, creationPolicy = 'Owner' } = target;
  const owned = creationPolicy === 'Owner';
  const data = encoded(rendered(template, values));
  const owner = { apiVersion: API_VERSION, kind: 'ExternalSecret', name, uid, controller: true, blockOwnerDeletion: true };
  // Beside what others keep in the same Secret, the hash is over all that will then be in it.
  const all = creationPolicy === 'Merge' ? { ...(existing?.['data'] as object | undefined), ...data } : data;
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: targetName(object),
      ...(namespace === undefined ? {} : { namespace }),
      labels: { ...template?.metadata?.labels, [MANAGED]: 'true', ...(owned ? { [CREATED_BY]: createdBy(object) } : {}) },
      annotations: { ...template?.metadata?.annotations, [DATA_HASH]: digest(all) },
      ...(owned ? { ownerReferences: [owner] } : {}),
    },
    ...(target.immutable ? { immutable: true } : {}),
    ...(creationPolicy === 'Merge' ? {} : { type: template?.type ?? 'Opaque' }),
    data,
  };
}

/** Of the template language, a key alone in braces: `{{ .password }}`. @throws WriteFailure for anything more */
function rendered(template: NonNullable<ExternalSecretSpec['target']>['template'], values: Record<string, string>): Record<string, string> {
  if (template?.templateFrom?.length) throw new WriteFailure('could not apply template: the sandbox has no templateFrom');
  if (!template?.data) return values;
  const made = Object.entries(template.data).map(([key, text]) => {
    const filled = text.replace(/\{\{-?\s*\.(\w+)(?:\s*\|\s*toString)?\s*-?\}\}/g, (_all, name: string) => values[name] ?? '<no value>');
    if (filled.includes('{{')) {
      throw new WriteFailure(`could not apply template: could not execute template: unable to parse template at key ${key}`);
    }
    return [key, filled] as const;
  });
  return { ...(template.mergePolicy === 'Merge' ? values : {}), ...Object.fromEntries(made) };
}

function encoded(values: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, Buffer.from(value).toString('base64')]));
}

function createdBy({ metadata }: KubernetesObject): string {
  return digest(`${metadata.namespace}/${metadata.name}`);
}
