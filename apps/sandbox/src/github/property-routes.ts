import type { FastifyInstance } from 'fastify';
import type { Collection } from '../core/store.js';
import { GitHubError } from './errors.js';
import type { Repository } from './model.js';
import { fullName } from './repository-view.js';
import { paginate, type RepositoryPlace } from './rest.js';
import type { World } from './world.js';

type Value = string | string[] | null;

interface PropertyDefinition {
  property_name: string;
  value_type: 'string' | 'single_select' | 'multi_select' | 'true_false' | 'url';
  required?: boolean;
  default_value?: Value;
  description?: string | null;
  allowed_values?: string[] | null;
  values_editable_by?: string | null;
  require_explicit_values?: boolean;
}
interface GivenValue {
  property_name: string;
  value: Value;
}

/** The custom properties that the organisation defines. A repository may carry no other. */
export class CustomProperties {
  readonly #definitions: Collection<PropertyDefinition>;

  constructor(world: World) {
    this.#definitions = world.collection('custom-properties');
  }

  list(): PropertyDefinition[] {
    return this.#definitions.list().map(({ value }) => value);
  }

  require(name: string): PropertyDefinition {
    const found = this.#definitions.get(name);
    if (!found) throw new GitHubError(404, 'Not Found');
    return found;
  }

  define(definition: PropertyDefinition): PropertyDefinition {
    if (!/^[\w#$@-]{1,75}$/.test(definition.property_name)) throw new GitHubError(422, 'Invalid request.\n\nProperty name is invalid.');
    this.#definitions.set(definition.property_name, definition);
    return definition;
  }

  delete(name: string): void {
    this.require(name);
    this.#definitions.delete(name);
  }

  /** @throws GitHubError 422 on a property that is not defined, and on a value that its definition does not allow. */
  checked(given: Record<string, Value>): Record<string, Value> {
    for (const [name, value] of Object.entries(given)) {
      const definition = this.#definitions.get(name);
      if (!definition) throw new GitHubError(422, `Property '${name}' not found`);
      const values = value === null ? [] : [value].flat();
      const allowed = definition.value_type === 'true_false' ? ['true', 'false'] : definition.allowed_values;
      const wrong = allowed && values.find((one) => !allowed.includes(one));
      if (wrong !== undefined && wrong !== null) throw new GitHubError(422, `Property value '${wrong}' is not allowed for property '${name}'`);
      if (Array.isArray(value) && definition.value_type !== 'multi_select') throw new GitHubError(422, `Property '${name}' takes one value`);
    }
    return given;
  }
}

type Schema = { Params: { org: string }; Body: { properties: PropertyDefinition[] } };
type OneProperty = { Params: { org: string; name: string }; Body: Omit<PropertyDefinition, 'property_name'> };
type OrganizationValues = { Params: { org: string }; Body: { repository_names: string[]; properties: GivenValue[] } };

export function propertyRoutes(app: FastifyInstance, world: World, properties: CustomProperties): void {
  app.get<{ Params: { org: string } }>('/orgs/:org/properties/schema', (request) => {
    world.requireOrganization(request.params.org);
    return properties.list().map((definition) => definitionView(definition, world));
  });
  app.patch<Schema>('/orgs/:org/properties/schema', (request) => {
    world.requireOrganization(request.params.org);
    return request.body.properties.map((definition) => definitionView(properties.define(definition), world));
  });
  app.get<OneProperty>('/orgs/:org/properties/schema/:name', (request) => {
    world.requireOrganization(request.params.org);
    return definitionView(properties.require(request.params.name), world);
  });
  app.put<OneProperty>('/orgs/:org/properties/schema/:name', (request) => {
    world.requireOrganization(request.params.org);
    return definitionView(properties.define({ ...request.body, property_name: request.params.name }), world);
  });
  app.delete<OneProperty>('/orgs/:org/properties/schema/:name', (request, reply) => {
    world.requireOrganization(request.params.org);
    properties.delete(request.params.name);
    return reply.code(204).send();
  });

  app.get<{ Params: { org: string } }>('/orgs/:org/properties/values', (request, reply) => {
    world.requireOrganization(request.params.org);
    return paginate(world.repositories(), request, reply, world).map((repository) => ({
      repository_id: repository.id,
      repository_name: repository.name,
      repository_full_name: fullName(repository),
      properties: valuesOf(repository, properties),
    }));
  });
  app.patch<OrganizationValues>('/orgs/:org/properties/values', (request, reply) => {
    const { login } = world.requireOrganization(request.params.org);
    const repositories = request.body.repository_names.map((name) => world.requireRepository(login, name));
    for (const repository of repositories) setValues(repository, request.body.properties, properties, world);
    return reply.code(204).send();
  });

  app.get<RepositoryPlace>('/repos/:owner/:repo/properties/values', (request) => {
    return valuesOf(world.requireRepository(request.params.owner, request.params.repo), properties);
  });
  app.patch<RepositoryPlace & { Body: { properties: GivenValue[] } }>('/repos/:owner/:repo/properties/values', (request, reply) => {
    const repository = world.requireRepository(request.params.owner, request.params.repo);
    setValues(repository, request.body.properties, properties, world);
    return reply.code(204).send();
  });
}

function definitionView(definition: PropertyDefinition, world: World) {
  const url = `${world.apiUrl}/orgs/${world.organization.login}/properties/schema/${definition.property_name}`;
  return { source_type: 'organization', required: false, default_value: null, description: null, allowed_values: null, values_editable_by: 'org_actors', ...definition, url };
}

function valuesOf(repository: Repository, properties: CustomProperties): GivenValue[] {
  return properties.list().map(({ property_name: name, default_value: usual = null }) => ({
    property_name: name,
    value: repository.customProperties[name] ?? usual,
  }));
}

function setValues(repository: Repository, given: readonly GivenValue[], properties: CustomProperties, world: World): void {
  const changes = properties.checked(Object.fromEntries(given.map(({ property_name: name, value }) => [name, value])));
  const merged = Object.entries({ ...repository.customProperties, ...changes }).filter(([, value]) => value !== null);
  world.saveRepository({ ...repository, customProperties: Object.fromEntries(merged) });
}
