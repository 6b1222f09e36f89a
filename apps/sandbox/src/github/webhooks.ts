import { createHmac, randomUUID } from 'node:crypto';
import type { ClientRequest } from 'node:http';
import { isDeepStrictEqual } from 'node:util';
import type { ThingFault } from '../core/fault.js';
import { simpleOrganization, simpleUser } from './account-view.js';
import type { Delivery, Hook, Repository } from './model.js';
import { postWebhook, UNREACHABLE } from './post-webhook.js';
import { eventRepository } from './repository-view.js';
import type { World } from './world.js';

const KEPT_ANSWER = 4_096;
const LATE_MS = 60_000;
const HELD_BACK_MS = 5_000;

/** What happened, told once for all hooks that listen. */
interface Message {
  event: string;
  action: string | null;
  repositoryId: number | null;
  /** JSON */
  payload: string;
}

/**
 * Sends events to the hooks that asked for them, once: as with GitHub, a delivery that failed stays failed until someone
 * asks for another attempt. Sending never holds up the request that caused it.
 */
export class Webhooks {
  readonly #sending = new Set<Promise<void>>();
  /** What the next delivery is to overtake. */
  readonly #heldBack: (() => void)[] = [];
  readonly #open = new Set<ClientRequest>();
  #closed = false;

  constructor(private readonly world: World) {}

  send(repository: Repository, event: string, fields: Record<string, unknown>): void {
    const hooks = this.world.hooks.list().map(({ value }) => value);
    const listening = hooks.filter((hook) => hook.active && concerns(hook, repository) && listens(hook, event));
    if (listening.length === 0) return;
    const payload = { ...fields, ...this.#envelope(repository.owner, fields['repository'] ? undefined : repository) };
    const message = { event, action: actionOf(fields), repositoryId: repository.id, payload: JSON.stringify(payload) };
    for (const hook of listening) this.#start(hook, message);
  }

  ping(hook: Hook, hookView: object): void {
    const repository = hook.repositoryId === null ? undefined : this.world.repositoryById(hook.repositoryId);
    const payload = {
      zen: 'Practicality beats purity.',
      hook_id: hook.id,
      hook: hookView,
      ...this.#envelope(hook.owner, repository),
    };
    this.#start(hook, { event: 'ping', action: null, repositoryId: hook.repositoryId, payload: JSON.stringify(payload) });
  }

  /** Sends the same payload again, under the same GUID. */
  redeliver(hook: Hook, delivery: Delivery): void {
    this.#start(hook, { ...delivery, payload: delivery.request.payload }, delivery.guid);
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const request of this.#open) request.destroy();
    await Promise.allSettled(this.#sending);
  }

  #envelope(owner: string, repository: Repository | undefined): Record<string, unknown> {
    return {
      ...(repository && { repository: eventRepository(repository, this.world) }),
      organization: simpleOrganization(this.world.ownerOf({ owner }), this.world),
      sender: simpleUser(this.world.viewer, this.world),
    };
  }

  #start(hook: Hook, message: Message, again?: string): void {
    const guid = again ?? randomUUID();
    const deliver = () => this.#deliver(hook, message, guid, again !== undefined);
    const befalls = (kind: ThingFault) => this.world.context.faults.draw('github', kind, ...namesOf(message));
    if (befalls('webhook-reordered')) {
      this.#heldBack.push(() => this.#track(deliver()));
      // Where nothing comes that it could follow, it is late instead.
      this.world.context.clock.after(HELD_BACK_MS, () => this.#release());
      return;
    }
    const late = befalls('webhook-late');
    if (late) this.world.context.clock.after(late.delayMs ?? LATE_MS, () => this.#track(deliver()));
    else this.#track(deliver().finally(() => this.#release()));
    if (befalls('webhook-doubled')) this.#track(deliver());
  }

  #release(): void {
    for (const send of this.#heldBack.splice(0)) send();
  }

  #track(delivery: Promise<void>): void {
    const sending = delivery.finally(() => this.#sending.delete(sending));
    this.#sending.add(sending);
  }

  async #deliver(hook: Hook, message: Message, guid: string, redelivery: boolean): Promise<void> {
    if (this.#closed) return;
    const { event, action, repositoryId, payload } = message;
    const body = Buffer.from(hook.config.content_type === 'json' ? payload : new URLSearchParams({ payload }).toString());
    const headers = headersOf(hook, event, guid, body, this.world);
    const startedAt = this.world.context.clock.now();
    const lost = this.world.context.faults.draw('github', 'webhook-lost', ...namesOf(message));
    const answer = lost ? UNREACHABLE : await postWebhook(hook.config.url, headers, body, this.#open);
    if (this.#closed) return;
    this.#record(hook, {
      id: this.world.nextId('delivery'),
      guid,
      hookId: hook.id,
      event,
      action,
      repositoryId,
      deliveredAt: new Date(startedAt).toISOString(),
      redelivery,
      duration: (this.world.context.clock.now() - startedAt) / 1000,
      status: answer.status,
      statusCode: answer.code,
      url: hook.config.url,
      request: { headers: withoutSignature(headers), payload },
      response: { headers: answer.headers, payload: answer.body.slice(0, KEPT_ANSWER) },
    });
  }

  #record(hook: Hook, delivery: Delivery): void {
    const { deliveries, hooks } = this.world;
    deliveries.add(delivery);
    const current = hooks.get(String(hook.id));
    const lastResponse = { code: delivery.statusCode || null, status: delivery.status, message: delivery.status };
    if (!current || isDeepStrictEqual(current.lastResponse, lastResponse)) return;
    hooks.set(String(hook.id), { ...current, lastResponse });
  }
}

function concerns(hook: Hook, repository: Repository): boolean {
  return hook.owner === repository.owner && (hook.repositoryId === null || hook.repositoryId === repository.id);
}

function listens(hook: Hook, event: string): boolean {
  return hook.events.includes('*') || hook.events.includes(event);
}

function actionOf({ action }: Record<string, unknown>): string | null {
  return typeof action === 'string' ? action : null;
}

/** By which a fault finds it. */
function namesOf({ event, action }: Message): string[] {
  return action === null ? [event] : [event, `${event}.${action}`];
}

function headersOf(hook: Hook, event: string, guid: string, body: Buffer, world: World): Record<string, string> {
  const { secret } = hook.config;
  const json = hook.config.content_type === 'json';
  return {
    Accept: '*/*',
    'Content-Type': json ? 'application/json' : 'application/x-www-form-urlencoded',
    'User-Agent': 'GitHub-Hookshot/5a9d0b1',
    'X-GitHub-Delivery': guid,
    'X-GitHub-Event': event,
    'X-GitHub-Hook-ID': String(hook.id),
    'X-GitHub-Hook-Installation-Target-ID': String(hook.repositoryId ?? world.ownerOf(hook).id),
    'X-GitHub-Hook-Installation-Target-Type': hook.repositoryId === null ? 'organization' : 'repository',
    ...(secret && { 'X-Hub-Signature': `sha1=${hmac('sha1', secret, body)}` }),
    ...(secret && { 'X-Hub-Signature-256': `sha256=${hmac('sha256', secret, body)}` }),
  };
}

function withoutSignature(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !name.startsWith('X-Hub-Signature')));
}

function hmac(algorithm: string, secret: string, body: Buffer): string {
  return createHmac(algorithm, secret).update(body).digest('hex');
}
