import { parseWebhook, verifyWebhook } from '@slipway/provider-github';
import type { Delivery, RepositoryEvent } from '@slipway/portal';
import type { WebhookSource } from '../runtime.js';
import { githubSignal } from './github-signal.js';

/** GitHub's webhooks in portal's terms. The secret is resolved for each delivery: a rotated one counts at once. */
export function githubSource(secret: () => Promise<string>): WebhookSource {
  return {
    verify: async (body, signature) => verifyWebhook(await secret(), body, signature),
    parse: toRepositoryEvent,
    signal: githubSignal,
  };
}

function toRepositoryEvent(delivery: Delivery): RepositoryEvent {
  const event = parseWebhook(delivery.event, delivery.body);
  if (event.event !== 'push') return { event: 'ignored', reason: `nothing to do for "${delivery.event}"` };
  const { repository, branch, defaultBranch, commit } = event;
  return {
    event: 'push',
    repository: { kind: 'github:repository', externalId: repository.fullName },
    branch,
    defaultBranch,
    commit,
  };
}
