export { compose, type Composition } from './compose.js';
export { Config } from './config.js';
export { everyStep } from './every-step.js';
export { inMemory } from './surroundings.js';
