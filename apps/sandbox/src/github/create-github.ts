import type { FastifyInstance } from 'fastify';
import type { SandboxContext } from '../core/context.js';
import { without } from '../core/without.js';
import type { StandIn } from '../stand-in.js';
import { commitRoutes } from './commit-routes.js';
import { contentRoutes } from './content-routes.js';
import { handleErrors } from './answer-errors.js';
import { gitRoutes } from './git-http.js';
import { hookRoutes, type HookSeed, seedHook } from './hook-routes.js';
import { organizationRoutes } from './organization-routes.js';
import { pageRoutes } from './page.js';
import { fullName } from './repository-view.js';
import { repositoryRoutes } from './repository-routes.js';
import { requireToken, sendHeaders } from './rest.js';
import { Webhooks } from './webhooks.js';
import { World } from './world.js';

export interface GitHub extends StandIn {
  readonly credentials: { url: string; token: string; org: string };
}

/** `organizationHook` is one that the organisation has from the start, as an administrator would have set it up. */
export function createGitHub(context: SandboxContext, organizationHook: HookSeed): GitHub {
  const world = new World(context);
  const webhooks = new Webhooks(world);
  seedHook(world, organizationHook);
  return {
    system: 'github',
    credentials: { url: world.url, token: world.token, org: world.organization.login },

    routes(app) {
      handleErrors(app, world);
      gitRoutes(app, world, webhooks);
      pageRoutes(app, world);
      // github.com's API lies at the root of its own host, an Enterprise Server's below /api/v3: both work here.
      for (const prefix of ['', '/api/v3']) app.register(async (rest) => restRoutes(rest, world, webhooks), { prefix });
    },

    state: () => ({
      organization: world.organization.login,
      repositories: world.repositories().map((repository) => ({
        id: repository.id,
        fullName: fullName(repository),
        archived: repository.archived,
        visibility: repository.visibility,
        customProperties: repository.customProperties,
        topics: repository.topics,
        pushedAt: repository.pushedAt,
      })),
      hooks: world.hooks.list().map(({ value: { id, owner, repositoryId, events, active, config } }) => ({
        id, owner, repositoryId, events, active, url: config.url,
      })),
      webhooksSent: world.deliveries.list().map(({ value }) => without(value, 'request', 'response')),
    }),

    async reset() {
      await world.clear();
      seedHook(world, organizationHook);
    },

    close: () => webhooks.close(),
  };
}

function restRoutes(app: FastifyInstance, world: World, webhooks: Webhooks): void {
  requireToken(app, world);
  sendHeaders(app, world);
  organizationRoutes(app, world, webhooks);
  repositoryRoutes(app, world, webhooks);
  commitRoutes(app, world);
  contentRoutes(app, world);
  hookRoutes(app, world, webhooks);
}
