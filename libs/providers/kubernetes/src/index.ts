export { KubernetesConfig } from './config.js';
export { kubernetesProvider } from './provider.js';
