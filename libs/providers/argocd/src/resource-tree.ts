import { StepError } from '@slipway/engine';
import { z } from 'zod';
import type { ArgocdClient, CallContext } from './client.js';

const Health = z.object({ status: z.string(), message: z.string().optional() });
const Node = z.object({ kind: z.string(), name: z.string(), namespace: z.string().optional(), health: Health.optional() });
export type Node = z.infer<typeof Node>;

const Tree = z.object({ nodes: z.array(Node).nullish() });

/**
 * What an application consists of, put in words by `describe`, as text to append to what is said of the application. Why it
 * cannot be read is such a text, too: it explains, and must not take the place of what it is appended to.
 */
export async function describeTree(
  argocd: ArgocdClient,
  ctx: CallContext,
  named: { name: string; project?: string | undefined },
  describe: (nodes: Node[]) => string,
): Promise<string> {
  try {
    const { nodes } = await argocd.call(ctx, {
      what: `read what the application ${named.name} consists of`,
      method: 'GET',
      path: `/applications/${encodeURIComponent(named.name)}/resource-tree`,
      query: { project: named.project ?? argocd.config.project },
      answer: Tree,
    });
    return describe(nodes ?? []);
  } catch (error) {
    if (!(error instanceof StepError)) throw error;
    return ` (and why cannot be read: ${error.message})`;
  }
}
