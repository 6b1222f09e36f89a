import type { FastifyInstance, FastifyRequest } from 'fastify';
import { sameText } from '../../core/same-text.js';
import { GitHubError } from '../errors.js';
import type { World } from '../world.js';
import type { GitHubApp } from './github-app.js';
import { isAllowed, type Principal } from './principal.js';
import { requiredPermissions } from './required-permission.js';

/** Routes of an app as itself, which it calls with a JWT. All others take a token. */
const OF_THE_APP = /^\/(app(\/|$)|(orgs\/:org|repos\/:owner\/:repo)\/installation$)/;

/** Every REST route needs to know who asks, and whether they may. */
export function requireAuthentication(app: FastifyInstance, world: World, githubApp: GitHubApp): void {
  const { prefix } = app;
  app.addHook('onRequest', async (request) => {
    request.principal = await authenticate(request, world, githubApp);
    const route = (request.routeOptions.url ?? '').slice(prefix.length);
    if (request.principal.kind === 'installation') githubApp.assertNotSuspended();
    authorize(request.principal, request, route, world);
  });
}

async function authenticate(request: FastifyRequest, world: World, githubApp: GitHubApp): Promise<Principal> {
  const credential = credentialOf(request);
  if (credential === undefined) throw new GitHubError(401, 'Requires authentication');
  if (credential.split('.').length === 3) {
    await githubApp.verifyJwt(credential);
    return { kind: 'app' };
  }
  const principal = findPrincipal(credential, world, githubApp);
  if (!principal) throw new GitHubError(401, 'Bad credentials');
  return principal;
}

/** Whose token this is; undefined for nobody's. */
export function findPrincipal(token: string, world: World, githubApp: GitHubApp): Principal | undefined {
  if (sameText(token, world.token)) return { kind: 'user', account: world.viewer };
  return githubApp.findToken(token);
}

/** A bearer token, a `token`, or the password of basic authentication: GitHub takes all, and looks at no user name. */
export function credentialOf(request: FastifyRequest): string | undefined {
  const header = request.headers.authorization;
  if (!header) return undefined;
  const [scheme = '', value = ''] = header.split(' ', 2);
  if (scheme.toLowerCase() !== 'basic') return value;
  const decoded = Buffer.from(value, 'base64').toString();
  return decoded.slice(decoded.indexOf(':') + 1);
}

function authorize(principal: Principal, request: FastifyRequest, route: string, world: World): void {
  const isOfTheApp = OF_THE_APP.test(route);
  if (isOfTheApp && principal.kind !== 'app') throw new GitHubError(401, 'A JSON web token could not be decoded');
  if (!isOfTheApp && principal.kind === 'app') throw new GitHubError(403, 'Resource not accessible by integration');
  if (principal.kind !== 'installation') return;
  if (route === '/user') throw new GitHubError(403, 'Resource not accessible by integration');
  const { owner, repo } = request.params as { owner?: string; repo?: string };
  if (owner !== undefined && repo !== undefined && !maySee(principal, owner, repo, world)) throw new GitHubError(404, 'Not Found');
  const { permissions } = principal;
  if (!requiredPermissions(request.method, route).every(({ name, level }) => isAllowed(permissions, name, level))) {
    throw new GitHubError(403, 'Resource not accessible by integration');
  }
}

/** A token narrowed to some repositories does not know of the others, unless they are public. */
function maySee(principal: Principal & { kind: 'installation' }, owner: string, name: string, world: World): boolean {
  const repository = world.findRepository(owner, name);
  if (!repository || principal.repositoryIds === null) return true;
  return repository.visibility === 'public' || principal.repositoryIds.includes(repository.id);
}
