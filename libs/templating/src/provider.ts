import type { Provider } from '@slipway/engine';
import { fetchTemplate } from './steps/fetch-template.js';

/** What templating itself can do in a run. */
export function templatingProvider(): Provider {
  return { name: 'templating', steps: [fetchTemplate], kinds: [] };
}
