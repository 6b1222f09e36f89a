import type { KubernetesObject } from '../../cluster.js';
import { textAt } from '../json.js';
import { typeOf } from '../resource-types.js';
import { writeObject } from '../write-object.js';
import type { ControllerContext, ObjectKey } from './start-controllers.js';

const ANNOTATION = 'kubernetes.io/service-account.name';

/** Fills a Secret that asks for a lasting token of a service account. */
export async function reconcileTokenSecret({ api, tokens }: ControllerContext, key: ObjectKey, secret: KubernetesObject | undefined): Promise<void> {
  if (secret?.['type'] !== 'kubernetes.io/service-account-token' || textAt(secret, 'data', 'token') !== undefined) return;
  const { namespace = '', annotations } = secret.metadata;
  const account = api.objects.get(typeOf('ServiceAccount'), namespace, annotations?.[ANNOTATION] ?? '');
  if (!account) return;
  const token = await tokens.issueLegacy(account, key.name);
  const current = api.objects.get(typeOf('Secret'), namespace, key.name);
  if (!current || current.metadata.uid !== secret.metadata.uid) return;
  const encoded = { token: base64(token), namespace: base64(namespace) };
  const metadata = { ...current.metadata, annotations: { ...annotations, 'kubernetes.io/service-account.uid': account.metadata.uid ?? '' } };
  const data = { ...(current['data'] as object | undefined), ...encoded };
  writeObject(api, typeOf('Secret'), current, { ...current, metadata, data }, { fieldManager: 'kube-controller-manager' });
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
