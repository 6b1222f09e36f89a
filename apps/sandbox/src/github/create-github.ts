import type { FastifyInstance } from 'fastify';
import type { SandboxContext } from '../core/context.js';
import { readJson } from '../core/serve.js';
import { without } from '../core/without.js';
import type { StandIn } from '../stand-in.js';
import { appRoutes } from './access/app-routes.js';
import { requireAuthentication } from './access/authenticate.js';
import { GitHubApp } from './access/github-app.js';
import { RateLimits } from './access/rate-limits.js';
import { environmentRoutes, Environments } from './actions/environments.js';
import { Oidc, oidcIssuerRoutes, oidcSubjectRoutes } from './actions/oidc.js';
import { runRoutes } from './actions/run-routes.js';
import { Runs } from './actions/runs.js';
import { SecretBox } from './actions/secret-box.js';
import { secretRoutes } from './actions/secret-routes.js';
import { variableRoutes } from './actions/variable-routes.js';
import { workflowRoutes } from './actions/workflow-routes.js';
import { Workflows } from './actions/workflows.js';
import { handleErrors } from './answer-errors.js';
import { checkRoutes } from './checks/check-routes.js';
import { Checks } from './checks/checks.js';
import { checkRequests } from './check-request.js';
import { commitRoutes } from './commit-routes.js';
import { contentRoutes } from './content-routes.js';
import { branchRoutes } from './git-data/branch-routes.js';
import { objectRoutes } from './git-data/object-routes.js';
import { refRoutes } from './git-data/ref-routes.js';
import { writeContentRoutes } from './git-data/write-content.js';
import { gitRoutes } from './git-http.js';
import { hookRoutes, type HookSeed, seedHook } from './hook-routes.js';
import { issueRoutes } from './issues/issue-routes.js';
import { Issues } from './issues/issues.js';
import { Labels } from './issues/labels.js';
import { organizationRoutes } from './organization-routes.js';
import { packageRoutes } from './packages/package-routes.js';
import { publishImage } from './packages/publish-image.js';
import { pageRoutes } from './page.js';
import { CustomProperties, propertyRoutes } from './property-routes.js';
import { BranchProtections } from './protection/branch-protections.js';
import { protectionRoutes } from './protection/protection-routes.js';
import { PublishedImages } from './published-images.js';
import { pullRoutes } from './pulls/pull-routes.js';
import { Pulls } from './pulls/pulls.js';
import { Pushes } from './pushes.js';
import { fullName } from './repository-view.js';
import { releaseRoutes } from './releases/release-routes.js';
import { Releases } from './releases/releases.js';
import { repositoryRoutes } from './repository-routes.js';
import { sendHeaders } from './rest.js';
import { autolinkRoutes } from './settings/autolinks.js';
import { deployKeyRoutes } from './settings/deploy-keys.js';
import { siteRoutes } from './settings/sites.js';
import { Webhooks } from './webhooks.js';
import { World } from './world.js';

export interface GitHub extends StandIn {
  readonly credentials: {
    url: string;
    token: string;
    org: string;
    /** A GitHub App installed on all repositories: for clients that take no personal token. */
    app: { id: number; clientId: string; installationId: number; /** PEM */ privateKey: string };
    /** Of the tokens of workflow runs; its keys are published below it. */
    oidcIssuer: string;
  };
}

/** `organizationHook` is one that the organisation has from the start, as an administrator would have set it up. */
export function createGitHub(context: SandboxContext, organizationHook: HookSeed): GitHub {
  const world = new World(context);
  const parts = createParts(world);
  const { webhooks, runs, images, githubApp, oidc } = parts;
  seedHook(world, organizationHook);
  runs.resume();
  const { id, clientId, installationId, privateKey } = githubApp;
  return {
    system: 'github',
    credentials: {
      url: world.url, token: world.token, org: world.organization.login, app: { id, clientId, installationId, privateKey }, oidcIssuer: oidc.issuer,
    },

    routes(app) {
      handleErrors(app, world);
      gitRoutes(app, world, parts.pushes, githubApp, parts.protections);
      oidcIssuerRoutes(app, world, oidc, githubApp);
      pageRoutes(app, world, parts.images);
      // github.com's API lies at the root of its own host, an Enterprise Server's below /api/v3: both work here.
      for (const prefix of ['', '/api/v3']) app.register(async (rest) => restRoutes(rest, world, parts), { prefix });
    },

    state: () => describeState(world, images),

    async reset() {
      await world.clear();
      images.clear();
      seedHook(world, organizationHook);
    },

    close: () => webhooks.close(),
  };
}

type Parts = ReturnType<typeof createParts>;

function createParts(world: World) {
  const webhooks = new Webhooks(world);
  const pushes = new Pushes(world, webhooks);
  const pulls = new Pulls(world, webhooks);
  const workflows = new Workflows(world);
  const runs = new Runs(world, webhooks, workflows);
  const images = new PublishedImages(world.context.store);
  const githubApp = new GitHubApp(world);
  pushes.listen((repository, _changes, refs) => pulls.followPush(repository, refs));
  pushes.listen((repository, changes) => runs.followPush(repository, changes));
  runs.onSuccess((repository, run) => publishImage(repository, run, images, world, webhooks));
  return {
    webhooks, pushes, pulls, workflows, runs, images, githubApp,
    checks: new Checks(world, webhooks, githubApp),
    releases: new Releases(world, webhooks, pushes),
    issues: new Issues(world, pulls, new Labels(world)),
    protections: new BranchProtections(world, githubApp.slug),
    limits: new RateLimits(world),
    properties: new CustomProperties(world),
    environments: new Environments(world),
    box: new SecretBox(world),
    oidc: new Oidc(world, runs),
  };
}

function restRoutes(app: FastifyInstance, world: World, parts: Parts): void {
  // GitHub reads a body as JSON whatever the client calls it, and curl calls it a form.
  readJson(app, ['application/x-www-form-urlencoded', 'text/plain']);
  const { webhooks, pushes, pulls, workflows, runs, images, checks, releases, githubApp, limits, properties, environments, box, oidc } = parts;
  const { issues, protections } = parts;
  requireAuthentication(app, world, githubApp);
  limits.enforce(app);
  sendHeaders(app, world, limits);
  checkRequests(app);
  app.get('/rate_limit', (request) => ({ resources: { core: limits.view(request), search: limits.view(request) }, rate: limits.view(request) }));
  organizationRoutes(app, world, webhooks, properties);
  propertyRoutes(app, world, properties);
  repositoryRoutes(app, world, webhooks, properties);
  commitRoutes(app, world);
  contentRoutes(app, world);
  writeContentRoutes(app, world, pushes, protections);
  objectRoutes(app, world);
  refRoutes(app, world, pushes, protections);
  protectionRoutes(app, world, protections);
  branchRoutes(app, world, protections);
  releaseRoutes(app, world, releases);
  pullRoutes(app, world, pulls, pushes, protections);
  issueRoutes(app, world, issues);
  for (const routes of [deployKeyRoutes, autolinkRoutes, siteRoutes]) routes(app, world);
  hookRoutes(app, world, webhooks);
  environmentRoutes(app, world, environments);
  secretRoutes(app, world, environments, box);
  variableRoutes(app, world, environments);
  workflowRoutes(app, world, workflows, runs, webhooks);
  runRoutes(app, world, runs);
  checkRoutes(app, world, checks);
  oidcSubjectRoutes(app, world, oidc);
  packageRoutes(app, world, images);
  appRoutes(app, world, githubApp);
}

function describeState(world: World, images: PublishedImages) {
  return {
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
    packages: images.names().map((name) => ({ name, tags: images.versions(name).flatMap(({ tags }) => tags) })),
    hooks: world.hooks.list().map(({ value: { id, owner, repositoryId, events, active, config } }) => ({
      id, owner, repositoryId, events, active, url: config.url,
    })),
    webhooksSent: world.deliveries.all().map((delivery) => without(delivery, 'request', 'response')),
  };
}
