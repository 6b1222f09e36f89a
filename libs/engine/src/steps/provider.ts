import type { Provider } from '../provider.js';
import { debugLog } from './debug-log.js';
import { removeResources } from './remove-resources.js';

/** The steps that need no system but the engine itself. */
export function engineProvider(): Provider {
  return { name: 'engine', steps: [debugLog, removeResources], kinds: [] };
}
