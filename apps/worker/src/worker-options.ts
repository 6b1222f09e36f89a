import type { EngineDependencies, Provider } from '@slipway/engine';

/** What a test adds to a worker that is otherwise the product's own; the product sets none of it. */
export interface WorkerOptions {
  providers?: Provider[];
  reach?: EngineDependencies['reach'];
}
