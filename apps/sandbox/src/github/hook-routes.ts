import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { GitHubError, parseBody } from './errors.js';
import { deliveryDetail, deliveryItem, hookView } from './hook-view.js';
import type { Hook } from './model.js';
import { paginate } from './rest.js';
import type { Webhooks } from './webhooks.js';
import { fullName } from './repository-view.js';
import type { World } from './world.js';

/** A hook's configuration as it is when nobody asked through the API. */
export interface HookSeed {
  url: string;
  secret: string;
  events: string[];
}

interface Place {
  Params: { org?: string; owner?: string; repo?: string; hookId: string; deliveryId: string };
}

/** The same routes below an organisation and below a repository. */
export function hookRoutes(app: FastifyInstance, world: World, webhooks: Webhooks): void {
  for (const base of ['/orgs/:org/hooks', '/repos/:owner/:repo/hooks']) {
    app.get<Place>(base, (request, reply) => {
      const scope = scopeOf(request, world);
      return paginate(hooksOf(scope, world), request, reply, world).map((hook) => hookView(hook, scope.api));
    });

    app.post<Place>(base, (request, reply) => {
      const scope = scopeOf(request, world);
      const hook = addHook(scope, parseBody(NewHook, request.body), world);
      const view = hookView(hook, scope.api);
      webhooks.ping(hook, view);
      return reply.code(201).header('location', view.url).send(view);
    });

    app.get<Place>(`${base}/:hookId`, (request) => {
      const scope = scopeOf(request, world);
      return hookView(requireHook(request, scope, world), scope.api);
    });

    app.patch<Place>(`${base}/:hookId`, (request) => {
      const scope = scopeOf(request, world);
      const changed = changeHook(requireHook(request, scope, world), parseBody(HookChange, request.body), world);
      return hookView(changed, scope.api);
    });

    app.delete<Place>(`${base}/:hookId`, (request, reply) => {
      const hook = requireHook(request, scopeOf(request, world), world);
      world.hooks.delete(String(hook.id));
      world.deliveries.forget(hook.id);
      return reply.code(204).send();
    });

    app.post<Place>(`${base}/:hookId/pings`, (request, reply) => {
      const scope = scopeOf(request, world);
      const hook = requireHook(request, scope, world);
      webhooks.ping(hook, hookView(hook, scope.api));
      return reply.code(204).send();
    });

    app.get<Place>(`${base}/:hookId/deliveries`, (request, reply) => {
      const hook = requireHook(request, scopeOf(request, world), world);
      return paginate(world.deliveries.of(hook.id).reverse(), request, reply, world).map(deliveryItem);
    });

    app.get<Place>(`${base}/:hookId/deliveries/:deliveryId`, (request) => {
      return deliveryDetail(requireDelivery(request, requireHook(request, scopeOf(request, world), world), world));
    });

    app.post<Place>(`${base}/:hookId/deliveries/:deliveryId/attempts`, (request, reply) => {
      const hook = requireHook(request, scopeOf(request, world), world);
      webhooks.redeliver(hook, requireDelivery(request, hook, world));
      return reply.code(202).send({});
    });
  }
}

/** Puts the hook there unless it is, and follows a changed URL or secret. */
export function seedHook(world: World, seed: HookSeed): void {
  const id = 1;
  const kept = world.hooks.get(String(id));
  const now = world.timestamp();
  world.hooks.set(String(id), {
    id,
    owner: world.organization.login,
    repositoryId: null,
    active: true,
    events: seed.events,
    config: { url: seed.url, content_type: 'json', insecure_ssl: '0', secret: seed.secret },
    createdAt: kept?.createdAt ?? now,
    updatedAt: kept?.updatedAt ?? now,
    lastResponse: kept?.lastResponse ?? { code: null, status: 'unused', message: null },
  });
}

const Switch = z
  .union([z.enum(['0', '1']), z.literal(0), z.literal(1)])
  .transform((value) => (String(value) === '1' ? '1' : '0'));

const HookConfig = z.object({
  url: z.string().optional(),
  content_type: z.enum(['json', 'form']).optional(),
  insecure_ssl: Switch.optional(),
  secret: z.string().optional(),
});

const NewHook = z.object({
  name: z.string().default('web'),
  active: z.boolean().default(true),
  events: z.array(z.string()).default(['push']),
  config: HookConfig,
});

const HookChange = z.object({
  active: z.boolean().optional(),
  events: z.array(z.string()).optional(),
  add_events: z.array(z.string()).default([]),
  remove_events: z.array(z.string()).default([]),
  config: HookConfig.optional(),
});

interface Scope {
  owner: string;
  repositoryId: number | null;
  /** The API URL of the organisation or repository. */
  api: string;
  kind: 'organization' | 'repository';
}

function scopeOf(request: FastifyRequest<Place>, world: World): Scope {
  const { org, owner, repo } = request.params;
  if (org !== undefined) {
    const account = world.organizationNamed(org);
    if (!account) throw new GitHubError(404, 'Not Found');
    const { login } = account;
    return { owner: login, repositoryId: null, api: `${world.apiUrl}/orgs/${login}`, kind: 'organization' };
  }
  const repository = world.requireRepository(owner ?? '', repo ?? '');
  const api = `${world.apiUrl}/repos/${fullName(repository)}`;
  return { owner: repository.owner, repositoryId: repository.id, api, kind: 'repository' };
}

function hooksOf(scope: Scope, world: World): Hook[] {
  const all = world.hooks.list().map(({ value }) => value);
  const mine = all.filter((hook) => hook.owner === scope.owner && hook.repositoryId === scope.repositoryId);
  return mine.sort((a, b) => a.id - b.id);
}

function requireHook(request: FastifyRequest<Place>, scope: Scope, world: World): Hook {
  const hook = hooksOf(scope, world).find(({ id }) => String(id) === request.params.hookId);
  if (!hook) throw new GitHubError(404, 'Not Found');
  return hook;
}

function requireDelivery(request: FastifyRequest<Place>, hook: Hook, world: World) {
  const delivery = world.deliveries.of(hook.id).find(({ id }) => String(id) === request.params.deliveryId);
  if (!delivery) throw new GitHubError(404, 'Not Found');
  return delivery;
}

function addHook(scope: Scope, asked: z.infer<typeof NewHook>, world: World): Hook {
  const { url, content_type = 'form', insecure_ssl = '0', secret } = asked.config;
  if (!url || !URL.canParse(url)) throw invalidHook(url ? 'url is invalid' : 'url cannot be blank');
  if (hooksOf(scope, world).some((hook) => hook.config.url === url && sameEvents(hook.events, asked.events))) {
    throw invalidHook(`Hook already exists on this ${scope.kind}`);
  }
  const now = world.timestamp();
  const hook: Hook = {
    id: world.nextId('hook'),
    owner: scope.owner,
    repositoryId: scope.repositoryId,
    active: asked.active,
    events: asked.events,
    config: { url, content_type, insecure_ssl, ...(secret && { secret }) },
    createdAt: now,
    updatedAt: now,
    lastResponse: { code: null, status: 'unused', message: null },
  };
  world.hooks.set(String(hook.id), hook);
  return hook;
}

function changeHook(hook: Hook, change: z.infer<typeof HookChange>, world: World): Hook {
  const events = new Set(change.events ?? hook.events);
  for (const event of change.add_events) events.add(event);
  for (const event of change.remove_events) events.delete(event);
  // A configuration given replaces the whole: a secret left out is a secret removed.
  const { url = hook.config.url, content_type = 'form', insecure_ssl = '0', secret } = change.config ?? hook.config;
  const changed: Hook = {
    ...hook,
    active: change.active ?? hook.active,
    events: [...events],
    config: { url, content_type, insecure_ssl, ...(secret && { secret }) },
    updatedAt: world.timestamp(),
  };
  world.hooks.set(String(hook.id), changed);
  return changed;
}

function sameEvents(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((event) => b.includes(event));
}

function invalidHook(message: string): GitHubError {
  return new GitHubError(422, 'Validation Failed', [{ resource: 'Hook', code: 'custom', message }]);
}
