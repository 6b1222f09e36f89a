export { compose, type Composition } from './compose.js';
export { Config } from './config.js';
