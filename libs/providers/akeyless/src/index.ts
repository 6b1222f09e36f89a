export { AkeylessConfig } from './config.js';
export { akeylessProvider } from './provider.js';
