import type { Held } from './integration.js';

/**
 * A call was not made, and is to be made later: thrown by steps and kinds that have to wait for long, so that their worker goes on
 * with something else. No attempt is counted; `run` or `remove` is called again from its beginning.
 */
export class NotNow extends Error {
  constructor(readonly held: Held) {
    super(held.reason);
    this.name = 'NotNow';
  }
}
