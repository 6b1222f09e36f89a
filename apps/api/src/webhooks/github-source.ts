import { type GithubWatch, parseWebhook, verifyWebhook } from '@slipway/provider-github';
import type { Delivery, RepositoryEvent } from '@slipway/portal';
import type { WebhookSource } from '../runtime.js';
import { githubSignal } from './github-signal.js';

const kind = 'github:repository';

/** GitHub's webhooks in portal's terms. The secret is resolved for each delivery: a rotated one counts at once. */
export function githubSource(parts: { secret: () => Promise<string>; watch: GithubWatch; publicUrl: string }): WebhookSource {
  const { secret, watch, publicUrl } = parts;
  return {
    verify: async (body, signature) => verifyWebhook(await secret(), body, signature),
    parse: toRepositoryEvent,
    signal: githubSignal,
    truth: {
      kind,
      read: async (named, signal) => {
        const { repository, ...told } = await watch.read(named, signal);
        return { ...told, repository: { kind, ...repository } };
      },
    },
    redeliver: (signal) => watch.redeliver(`${publicUrl}/webhooks/github`, signal),
  };
}

function toRepositoryEvent(delivery: Delivery): RepositoryEvent {
  const event = parseWebhook(delivery.event, delivery.body);
  if (event.event !== 'told') return { event: 'ignored', reason: `nothing to do for "${delivery.event}"` };
  return { ...event, repository: { kind, ...event.repository } };
}
