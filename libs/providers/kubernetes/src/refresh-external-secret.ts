import { type KubernetesObject, PatchStrategy } from '@kubernetes/client-node';
import { NamespaceName } from '@slipway/contracts';
import { defineStep, Duration, nextLookMs, type StepContext, StepError } from '@slipway/engine';
import { z } from 'zod';
import type { KubernetesClient } from './client.js';
import { externalIdOf, type ObjectIdentity, titleOf } from './object-identity.js';
import { objectKindName } from './object-kind.js';
import { ObjectName } from './object-name.js';
import { requireOurs } from './require-ours.js';

const Input = z.strictObject({
  namespace: NamespaceName,
  /** Of the ExternalSecret. */
  name: ObjectName,
  /** From the step's first attempt. */
  deadline: Duration.prefault('2m'),
});

const Output = z.object({ namespace: z.string(), name: z.string() });

/** The operator reads anew whatever changes in annotations; this one is its documentation's own suggestion. */
const REQUEST = 'force-sync';
/** What was read when we asked: what is read later has another version. */
const BEFORE = 'slipway.dev/refreshed-from';
const MANAGER = 'slipway-refresh';

const ExternalSecret = z.object({
  metadata: z.object({ uid: z.string().optional(), annotations: z.record(z.string(), z.string()).optional() }),
  status: z
    .object({
      syncedResourceVersion: z.string().optional(),
      conditions: z
        .array(z.object({ type: z.string(), status: z.string(), reason: z.string().optional(), message: z.string().optional() }))
        .optional(),
    })
    .default({}),
});
type ExternalSecret = z.infer<typeof ExternalSecret>;

/** Has External Secrets read its source now, not when its interval is over; done once it has. */
export function refreshExternalSecretStep(client: KubernetesClient) {
  return defineStep({
    id: 'kubernetes:external-secret:refresh',
    description: 'Has External Secrets read a secret anew at once, and waits until it has',
    input: Input,
    output: Output,
    workspace: 'none',
    foresee: ({ namespace, name }) => {
      const identity = identityOf(namespace, name);
      return [{ effect: 'change', kind: objectKindName, externalId: externalIdOf(identity), title: titleOf(identity) }];
    },
    async run(ctx, { namespace, name, deadline }) {
      const identity = identityOf(namespace, name);
      const request = String(Math.floor(ctx.startedAt.getTime() / 1000));
      let found = ExternalSecret.parse(await requireOurs(client, ctx, identity));
      if (found.metadata.annotations?.[REQUEST] !== request) {
        found = ExternalSecret.parse(await ask(client, ctx, identity, found, request));
      }
      const missing = whatIsMissing(found);
      if (missing === null) {
        ctx.log.info(`${titleOf(identity)} was read anew.`);
        return { output: { namespace, name } };
      }
      const reason = `${titleOf(identity)} ${missing}`;
      if (ctx.clock.now().getTime() - ctx.startedAt.getTime() < deadline) return { wait: { afterMs: nextLookMs(ctx), reason } };
      throw new StepError('fatal', 'kubernetes_not_refreshed', `${reason}.`, {
        remedy: `See its events (kubectl -n ${namespace} describe externalsecret ${name}) and its store, then retry.`,
      });
    },
  });
}

function identityOf(namespace: string, name: string): ObjectIdentity {
  return { apiVersion: 'external-secrets.io/v1', kind: 'ExternalSecret', namespace, name };
}

async function ask(
  client: KubernetesClient,
  ctx: StepContext,
  identity: ObjectIdentity,
  { metadata, status }: ExternalSecret,
  request: string,
): Promise<KubernetesObject> {
  const { apiVersion, kind, namespace = '', name } = identity;
  const annotations = { [REQUEST]: request, [BEFORE]: status.syncedResourceVersion ?? '' };
  const body = { metadata: { ...(metadata.uid && { uid: metadata.uid }), annotations } };
  const call = { doing: `ask for a refresh of ${titleOf(identity)}`, writes: true, signal: ctx.signal };
  return client.call(call, ({ objects }) =>
    objects.write({ apiVersion, kind, metadata: { namespace, name } }, { as: PatchStrategy.MergePatch, body, fieldManager: MANAGER }),
  );
}

/** In words that follow its name; null once it was read after we asked, with success. */
function whatIsMissing({ metadata, status }: ExternalSecret): string | null {
  const ready = status.conditions?.find(({ type }) => type === 'Ready');
  if (ready?.status === 'False') return `could not be read: ${ready.message ?? ready.reason ?? 'nothing is said why'}`;
  if (!status.syncedResourceVersion || status.syncedResourceVersion === metadata.annotations?.[BEFORE]) return 'was not read yet';
  return null;
}
