import { randomBytes } from 'node:crypto';
import { type Cluster, ClusterError } from '../cluster.js';
import type { Application } from './application.js';

interface AuditEvent {
  reason: string;
  message: string;
  type: 'Normal' | 'Warning';
  /** RFC 3339 */
  at: string;
}

/** As an event of the cluster, beside the application. That it could not be written changes nothing about what happened. */
export async function recordEvent(
  cluster: Cluster,
  { metadata }: Application,
  { reason, message, type, at }: AuditEvent,
): Promise<void> {
  const { name, namespace, uid, resourceVersion } = metadata;
  const event = {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: `${name}.${randomBytes(8).toString('hex')}`, namespace },
    involvedObject: { apiVersion: 'argoproj.io/v1alpha1', kind: 'Application', name, namespace, uid, resourceVersion },
    source: { component: 'argocd-application-controller' },
    reason,
    message,
    type,
    count: 1,
    firstTimestamp: at,
    lastTimestamp: at,
  };
  try {
    await cluster.apply(event, { fieldManager: 'argocd-controller', force: true });
  } catch (error) {
    if (!(error instanceof ClusterError)) throw error;
  }
}
