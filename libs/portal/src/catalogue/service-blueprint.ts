import type { BlueprintRecord } from '../installation/configuration-store.js';
import { repositoryProperties } from '../repositories/repository-properties.js';

/**
 * What the golden paths that ship with Slipway make. `x-claimed`: one entity at a time may hold a value of this property,
 * since two services in one namespace or repository would overwrite each other.
 */
export const serviceBlueprint: BlueprintRecord = {
  identifier: 'service',
  title: 'Service',
  schema: {
    type: 'object',
    properties: {
      repository: { type: 'string', title: 'Repository', 'x-claimed': true },
      namespace: { type: 'string', title: 'Namespace', 'x-claimed': true },
      database: { type: 'string', title: 'Database' },
      application: { type: 'string', title: 'Argo CD application' },
      dynamic_secret: { type: 'string', title: 'Dynamic secret' },
      ...repositoryProperties,
    },
  },
};
