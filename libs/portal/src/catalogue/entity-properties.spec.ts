import { claimedValues, entityProperties, resourceProperties } from './entity-properties.js';
import { serviceBlueprint } from './service-blueprint.js';

describe('an entity’s first properties', () => {
  it.each([
    [{}, {}],
    [
      { app_name: 'shop', repo_name: 'r', namespace: 'n', db_name: 'd', replicas: 3 },
      { repository: 'r', namespace: 'n', database: 'd' },
    ],
    [{ repo_name: 7, namespace: null }, {}],
  ])('of %j are %j', (inputs, properties) => {
    expect(entityProperties(inputs)).toEqual(properties);
  });

  it('name what has come into being for it, the first of each kind, and nothing that has a property otherwise', () => {
    const made = [
      { kind: 'github:repository', externalId: 'acme/shop' },
      { kind: 'argocd:application', externalId: 'shop' },
      { kind: 'akeyless:dynamic-secret', externalId: '/slipway/shop/credential' },
      { kind: 'akeyless:dynamic-secret', externalId: '/slipway/shop/another' },
    ];
    expect(resourceProperties(made)).toEqual({ application: 'shop', dynamic_secret: '/slipway/shop/credential' });
    expect(Object.keys(serviceBlueprint.schema['properties'] as object)).toEqual(expect.arrayContaining(['application', 'dynamic_secret']));
  });

  it('are claimed where the blueprint says that one entity at a time may hold them', () => {
    const properties = { repository: 'r', namespace: 'n', database: 'd', latest_commit: {}, other: 'o' };
    expect(claimedValues(serviceBlueprint.schema, properties)).toEqual({ repository: 'r', namespace: 'n' });
    expect(claimedValues({}, properties)).toEqual({});
  });
});
