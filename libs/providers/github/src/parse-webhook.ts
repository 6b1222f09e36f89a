import { z } from 'zod';

/** What we take from GitHub's webhooks. Names can change; `repository.id` does not. */
export type WebhookEvent =
  | {
      event: 'push';
      repository: WebhookRepository;
      branch: string;
      defaultBranch: string;
      commit: { sha: string; message: string; author: string; url: string; at: string };
    }
  | { event: 'repository'; action: string; repository: WebhookRepository }
  /** Nothing that we use: another event, a tag, or a branch that was deleted. */
  | { event: 'other' };

export interface WebhookRepository {
  id: number;
  fullName: string;
}

const Repository = z.object({ id: z.number().int(), full_name: z.string() });

const PushPayload = z.object({
  ref: z.string(),
  repository: Repository.extend({ default_branch: z.string() }),
  head_commit: z
    .object({
      id: z.string(),
      message: z.string(),
      author: z.object({ name: z.string(), username: z.string().optional() }),
      url: z.string(),
      timestamp: z.string(),
    })
    .nullable(),
});

const RepositoryPayload = z.object({ action: z.string(), repository: Repository });

/**
 * `event` is the header `X-GitHub-Event`, `body` the verified bytes.
 * @throws SyntaxError where the body is no JSON, ZodError where a field that we use is missing.
 */
export function parseWebhook(event: string, body: Uint8Array): WebhookEvent {
  if (event === 'push') return fromPush(PushPayload.parse(json(body)));
  if (event === 'repository') {
    const { action, repository } = RepositoryPayload.parse(json(body));
    return { event: 'repository', action, repository: toRepository(repository) };
  }
  return { event: 'other' };
}

function fromPush(payload: z.infer<typeof PushPayload>): WebhookEvent {
  const { ref, repository, head_commit: head } = payload;
  const branch = /^refs\/heads\/(.+)$/.exec(ref)?.[1];
  if (branch === undefined || head === null) return { event: 'other' };
  return {
    event: 'push',
    repository: toRepository(repository),
    branch,
    defaultBranch: repository.default_branch,
    commit: {
      sha: head.id,
      message: head.message,
      author: head.author.username ?? head.author.name,
      url: head.url,
      at: new Date(head.timestamp).toISOString(),
    },
  };
}

function json(body: Uint8Array): unknown {
  return JSON.parse(new TextDecoder().decode(body));
}

function toRepository(wire: z.infer<typeof Repository>): WebhookRepository {
  return { id: wire.id, fullName: wire.full_name };
}
