import { defineStep, Duration, type LedgerResource, type Removal, type ResourceKind, type StepContext, StepError } from '@slipway/engine';
import { z } from 'zod';
import { externalIdOf, ObjectIdentity, titleOf } from './object-identity.js';
import { objectKindName } from './object-kind.js';

const Input = ObjectIdentity.extend({
  /** From the step's first attempt, for what takes its time to go. */
  deadline: Duration.prefault('5m'),
});

const Output = z.object({});

/** Done once it is gone. What does not carry our mark is left, and the step fails. */
export function deleteStep(kind: ResourceKind) {
  return defineStep({
    id: 'kubernetes:delete',
    description: 'Removes an object that belongs to the entity, and waits until it is gone',
    input: Input,
    output: Output,
    workspace: 'none',
    foresee: (input) => [{ effect: 'remove', ...rowOf(input), title: titleOf(input) }],
    async run(ctx, { deadline, ...identity }) {
      const title = titleOf(identity);
      const removal = await remove(ctx, kind, identity);
      switch (removal.outcome) {
        case 'foreign':
          throw new StepError('fatal', 'kubernetes_foreign', `Could not delete ${title}: ${removal.note}`, {
            remedy: 'Name an object that this service made, or have its owner remove it.',
          });
        case 'pending':
          if (ctx.clock.now().getTime() - ctx.startedAt.getTime() < deadline) {
            return { wait: { afterMs: removal.afterMs, reason: removal.reason } };
          }
          throw new StepError('fatal', 'kubernetes_not_deleted', `Could not delete ${title} in time: ${removal.reason}.`, {
            remedy: `See its finalizers and the events of what it owns, then retry; the deadline is an input of this step.`,
          });
        default:
          ctx.log.info(`${title} is gone.`);
          return { output: {} };
      }
    },
  });
}

/** Where the ledger holds it, its row goes along. */
async function remove(ctx: StepContext, kind: ResourceKind, identity: ObjectIdentity): Promise<Removal> {
  const row = rowOf(identity);
  const standing = await ctx.resources.standing();
  const known = standing.find((resource) => resource.kind === row.kind && resource.externalId === row.externalId);
  if (known) return ctx.resources.remove(known);
  const { mark, signal, log, secrets, clock } = ctx;
  const unknown = { kind: objectKindName, externalId: externalIdOf(identity) } as LedgerResource;
  return kind.remove({ mark, signal, log, secrets, clock, options: {} }, unknown);
}

/** Secrets and namespaces have kinds of their own. */
function rowOf(identity: ObjectIdentity): { kind: string; externalId: string } {
  const { apiVersion, kind, namespace, name } = identity;
  if (apiVersion === 'v1' && kind === 'Namespace') return { kind: 'kubernetes:namespace', externalId: name };
  if (apiVersion === 'v1' && kind === 'Secret') return { kind: 'kubernetes:secret', externalId: `${namespace}/${name}` };
  return { kind: objectKindName, externalId: externalIdOf(identity) };
}
