import type { FastifyInstance } from 'fastify';
import { GitHubError } from '../errors.js';
import type { PublishedImages } from '../published-images.js';
import { paginate } from '../rest.js';
import type { World } from '../world.js';
import { packageVersionView, packageView } from './package-view.js';

interface Place {
  Params: { org: string; type: string; name: string; version: string };
  Querystring: { package_type?: string };
}

/** Container packages. A package stays when its repository goes, as at GitHub. */
export function packageRoutes(app: FastifyInstance, world: World, images: PublishedImages): void {
  const versionsOf = ({ org, type, name }: Place['Params']) => {
    const { login } = world.requireOrganization(org);
    const versions = type === 'container' ? images.versions(`${login}/${name}`) : [];
    if (versions.length === 0) throw new GitHubError(404, 'Package not found.');
    return versions;
  };

  app.get<Place>('/orgs/:org/packages', (request, reply) => {
    world.requireOrganization(request.params.org);
    const type = request.query.package_type;
    if (type === undefined) throw new GitHubError(400, 'Invalid argument.');
    const all = type === 'container' ? images.names().map((name) => packageView(images.versions(name), world)) : [];
    return paginate(all, request, reply, world);
  });

  app.get<Place>('/orgs/:org/packages/:type/:name', (request) => packageView(versionsOf(request.params), world));

  app.delete<Place>('/orgs/:org/packages/:type/:name', (request, reply) => {
    images.remove(versionsOf(request.params)[0]?.name ?? '');
    return reply.code(204).send();
  });

  app.get<Place>('/orgs/:org/packages/:type/:name/versions', (request, reply) => {
    return paginate(versionsOf(request.params), request, reply, world).map((image) => packageVersionView(image, world));
  });

  app.get<Place>('/orgs/:org/packages/:type/:name/versions/:version', (request) => {
    const found = versionsOf(request.params).find(({ id }) => String(id) === request.params.version);
    if (!found) throw new GitHubError(404, 'Not Found');
    return packageVersionView(found, world);
  });
}
