import path from 'node:path';
import { stringify } from 'yaml';
import { repositoryRoot } from '../setup/folders.mjs';
import { layOver } from './lay-over.mjs';
import { keepSecret, secretFile, writePrivateFile } from './secret-file.mjs';

const CLIENT_ID = 'slipway-demo';
const BANNER = '# Written at every start. Secrets are references to files that only their owner may read.\n';

/** The developer that the sample run is for, and whom the one-time link signs in. */
export const DEVELOPER = { email: 'dev@example.com', name: 'Dana Developer', team: 'platform' };

/**
 * Writes `config.yaml`, the configuration of api and worker, and answers what a client needs of it:
 * `{ file, clientId, clientSecret, webhookSecret }`. `sandbox` is what the sandbox says of itself, or undefined.
 */
export function writeConfiguration({ home, publicUrl, sandbox }) {
  const clientSecret = keepSecret(home, 'client-secret');
  const webhookSecret = keepSecret(home, 'github-webhook-secret');
  const content = {
    publicUrl,
    clients: [{ id: CLIENT_ID, secret: fileReference(home, 'client-secret'), roles: ['admin'] }],
    users: [DEVELOPER],
    // Its steps need the integrations: without them there is nothing to offer.
    templates: sandbox ? [{ path: path.join(repositoryRoot, 'templates/python-flask-mysql') }] : [],
    integrations: sandbox ? integrations(home, sandbox) : {},
  };
  const overlay = process.env.SLIPWAY_OVERLAY;
  const file = writePrivateFile(path.join(home, 'config.yaml'), BANNER + stringify(overlay ? layOver(content, overlay) : content));
  return { file, clientId: CLIENT_ID, clientSecret, webhookSecret };
}

function integrations(home, { github, argocd, akeyless, mysql }) {
  return {
    github: {
      url: github.url,
      apiUrl: `${github.url}/api/v3`,
      org: github.org,
      token: storedReference(home, 'github-token', github.token),
      webhookSecret: fileReference(home, 'github-webhook-secret'),
    },
    kubernetes: {
      kubeconfig: path.join(home, 'sandbox/kubeconfig'),
      registries: { 'ghcr.io': { username: 'slipway-bot', password: fileReference(home, 'github-token') } },
    },
    argocd: {
      url: argocd.url,
      username: argocd.username,
      password: storedReference(home, 'argocd-password', argocd.password),
      project: 'default',
      destination: 'https://kubernetes.default.svc',
    },
    akeyless: {
      url: akeyless.url,
      accessId: akeyless.accessId,
      accessKey: storedReference(home, 'akeyless-access-key', akeyless.accessKey),
      prefix: '/slipway',
      access: akeyless.access,
      databases: mysql,
    },
  };
}

/** The key that seals what rests sealed: 32 bytes, base64. Made once: with another, what was sealed stays sealed. */
export function sealingKeyReference(home) {
  keepSecret(home, 'sealing-key', 'base64');
  return fileReference(home, 'sealing-key');
}

function storedReference(home, name, value) {
  writePrivateFile(secretFile(home, name), value);
  return fileReference(home, name);
}

function fileReference(home, name) {
  return `file:${secretFile(home, name)}`;
}
