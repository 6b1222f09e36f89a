import type { Application } from './application.js';
import type { ArgocdClient, CallContext } from './client.js';
import { type Node, describeTree } from './resource-tree.js';

/** Most cascades are over by then, and a person need not read what goes by itself. */
const patienceMs = 15_000;
const mostNamed = 10;

/**
 * What still stands of an application that is being deleted, as text to append, for whoever has to find out what holds it:
 * kind, namespace and name of each resource with what its health says (`Pending deletion` where a finalizer of its own holds
 * it), and whose finalizers hold the application itself. Empty while the deletion is young by Argo CD's clock.
 */
export async function whatIsLeft(
  argocd: ArgocdClient,
  ctx: CallContext,
  { metadata }: Application,
  project: string,
): Promise<string> {
  const { name, deletionTimestamp, finalizers } = metadata;
  const age = ctx.clock.now().getTime() - Date.parse(deletionTimestamp ?? '');
  // An Argo CD whose clock is ahead tells no age: then rather too early than never.
  if (age >= 0 && age < patienceMs) return '';
  const others = (finalizers ?? []).filter((finalizer) => !finalizer.startsWith('resources-finalizer.argocd.argoproj.io'));
  const held = others.length === 0 ? '' : `; its finalizers ${others.join(', ')} are somebody else's to take away`;
  return `${await describeTree(argocd, ctx, { name, project }, describeNodes)}${held}`;
}

function describeNodes(nodes: readonly Node[]): string {
  if (nodes.length === 0) return '; nothing that it deployed is left';
  const told = nodes.map(({ kind, namespace, name, health }) => {
    const place = namespace === undefined ? name : `${namespace}/${name}`;
    return `${kind} ${place}${health ? ` (${health.message ?? health.status})` : ''}`;
  });
  const more = told.length > mostNamed ? ` and ${told.length - mostNamed} more` : '';
  return `; still there: ${told.sort().slice(0, mostNamed).join(', ')}${more}`;
}
