export { GithubConfig } from './config.js';
export { parseWebhook, type WebhookEvent } from './parse-webhook.js';
export { githubProvider } from './provider.js';
export { githubWatch, type GithubWatch } from './watch.js';
export { verifyWebhook } from './verify-webhook.js';
