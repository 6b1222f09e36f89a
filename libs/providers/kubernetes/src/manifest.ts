import { StepError } from '@slipway/engine';
import { z } from 'zod';
import { type ObjectIdentity, ObjectIdentity as Identity, titleOf } from './object-identity.js';

/** An object as its author wrote it, and which one it is. */
export interface Manifest {
  identity: ObjectIdentity;
  object: { apiVersion: string; kind: string; metadata: Record<string, unknown> };
}

const Written = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string(), namespace: z.string().optional() }),
});

/** What has a step of its own, which minds what a plain apply would not. */
const elsewhere: Record<string, string> = {
  'v1 Secret': 'Use kubernetes:secret, which takes values by reference: a manifest would carry them through the database.',
  'v1 Namespace': 'Use kubernetes:namespace, which tells what is deployed where and waits for the last holder of a name to go.',
};

/** `from` names the place for people: `manifests[0]`, `deploy/job.yaml`. */
export function readManifest(written: unknown, from: string): Manifest {
  const object = Written.safeParse(written);
  if (!object.success) throw unreadable(from, object.error);
  const { apiVersion, kind, metadata } = object.data;
  const { name, namespace } = metadata;
  const identity = Identity.safeParse({ apiVersion, kind, name, ...(namespace !== undefined && { namespace }) });
  if (!identity.success) throw unreadable(from, identity.error);
  const remedy = elsewhere[`${apiVersion} ${kind}`];
  if (remedy !== undefined) {
    const message = `Could not apply ${titleOf(identity.data)} (${from}): this kind is not for kubernetes:apply.`;
    throw new StepError('fatal', 'kubernetes_kind_elsewhere', message, { remedy });
  }
  return { identity: identity.data, object: object.data };
}

function unreadable(from: string, error: z.ZodError): StepError {
  const faults = error.issues.map(({ path, message }) => `${path.join('.') || 'it'} ${message}`).join('; ');
  return new StepError('fatal', 'kubernetes_manifest_unreadable', `Could not apply ${from}: ${faults}.`, {
    remedy: 'Give apiVersion, kind and metadata.name as Kubernetes wants them.',
  });
}
