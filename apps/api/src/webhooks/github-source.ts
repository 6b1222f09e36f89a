import { type GithubWatch, parseWebhook, verifyWebhook } from '@slipway/provider-github';
import type { Delivery, RepositoryEvent } from '@slipway/portal';
import type { WebhookSource } from '../runtime.js';
import { RecentSecret } from './recent-secret.js';
import { githubSignal } from './github-signal.js';

const kind = 'github:repository';

/** GitHub's webhooks in portal's terms. */
export function githubSource(parts: { secret: () => Promise<string>; watch: GithubWatch; publicUrl: string }): WebhookSource {
  const { watch, publicUrl } = parts;
  const secret = new RecentSecret(parts.secret);
  return {
    verify: (body, signature) => secret.fits((value) => verifyWebhook(value, body, signature)),
    read,
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

function read({ event, body }: Delivery): ReturnType<WebhookSource['read']> {
  let payload: unknown;
  try {
    payload = JSON.parse(textOf(body));
  } catch (error) {
    return { event: unreadable(error), signal: null };
  }
  return { event: toRepositoryEvent(event, payload), signal: githubSignal(event, payload) };
}

/** JSON.parse refuses a byte order mark, which the signature covers and the text may do without. */
function textOf(body: Buffer): string {
  const text = body.toString('utf8');
  return text.startsWith('\uFEFF') ? text.slice(1) : text;
}

function toRepositoryEvent(name: string, payload: unknown): RepositoryEvent {
  try {
    const event = parseWebhook(name, payload);
    if (event.event !== 'told') return { event: 'ignored', reason: `nothing to do for "${name}"` };
    return { ...event, repository: { kind, ...event.repository } };
  } catch (error) {
    return unreadable(error);
  }
}

/** What cannot be read now cannot be read later: it is laid aside with the reason. */
function unreadable(error: unknown): RepositoryEvent {
  return { event: 'ignored', reason: `unreadable: ${error instanceof Error ? error.message : String(error)}`.slice(0, 500) };
}
