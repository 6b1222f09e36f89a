import type { Provider } from '../provider.js';
import { debugLog } from './debug-log.js';
import { debugWait } from './debug-wait.js';
import { listResources } from './list-resources.js';
import { removeResources } from './remove-resources.js';
import { signalWait } from './signal-wait.js';

/** The steps that need no system but the engine itself. */
export function engineProvider(): Provider {
  return { name: 'engine', steps: [debugLog, debugWait, listResources, removeResources, signalWait], kinds: [] };
}
