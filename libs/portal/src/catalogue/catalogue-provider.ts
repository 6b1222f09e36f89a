import type { Provider } from '@slipway/engine';
import type { RemoteContent } from '@slipway/templating';
import type { Catalogue } from './catalogue.js';
import { registeredEntity } from './registered-entity-kind.js';
import { catalogFetch } from './steps/catalog-fetch.js';
import { catalogRegister } from './steps/catalog-register.js';
import { catalogUpsert } from './steps/catalog-upsert.js';

/** What a run can do in the catalogue. */
export function catalogueProvider(catalogue: Catalogue, remote: RemoteContent): Provider {
  return {
    name: 'catalogue',
    steps: [catalogRegister(catalogue, remote), catalogFetch(catalogue), catalogUpsert(catalogue)],
    kinds: [registeredEntity(catalogue)],
  };
}
