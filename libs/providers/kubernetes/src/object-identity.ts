import { NamespaceName } from '@slipway/contracts';
import { z } from 'zod';

export const ApiVersion = z.string().regex(/^([a-z0-9.-]+\/)?v[a-z0-9]+$/, 'must be an API version, such as apps/v1');
export const Kind = z.string().regex(/^[A-Z][A-Za-z0-9]*$/, 'must be a kind, such as StatefulSet');

/** Wider than a DNS name: those of roles and bindings may hold a colon. */
const Name = z
  .string()
  .max(253)
  .regex(/^[a-zA-Z0-9]([-a-zA-Z0-9.:_]*[a-zA-Z0-9])?$/, 'must be the name of an object');

/** Which object of a cluster. Without a namespace: one of the whole cluster. */
export const ObjectIdentity = z.strictObject({
  apiVersion: ApiVersion,
  kind: Kind,
  namespace: NamespaceName.optional(),
  name: Name,
});
export type ObjectIdentity = z.infer<typeof ObjectIdentity>;

/** `apps/v1 Deployment shop/web` */
export function externalIdOf({ apiVersion, kind, namespace, name }: ObjectIdentity): string {
  return `${apiVersion} ${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
}

export function parseExternalId(externalId: string): ObjectIdentity {
  const [apiVersion = '', kind = '', place = ''] = externalId.split(' ');
  const [namespace, name] = place.includes('/') ? place.split('/') : [undefined, place];
  return { apiVersion, kind, ...(namespace !== undefined && { namespace }), name: name ?? '' };
}

/** As sentences name it: `Deployment shop/web`. */
export function titleOf({ kind, namespace, name }: ObjectIdentity): string {
  return `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
}
