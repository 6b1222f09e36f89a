export { GithubConfig } from './config.js';
export { parseWebhook, type WebhookEvent, type WebhookRepository } from './parse-webhook.js';
export { githubProvider } from './provider.js';
export { verifyWebhook } from './verify-webhook.js';
