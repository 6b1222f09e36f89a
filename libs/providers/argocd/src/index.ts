export { ArgocdConfig } from './config.js';
export { argocdProvider } from './provider.js';
