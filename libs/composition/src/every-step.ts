import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Provider, Registry, type Secrets } from '@slipway/engine';
import { createRemoteContent } from '@slipway/templating';
import { composeProviders } from './compose.js';
import { Config } from './config.js';
import { inMemory } from './surroundings.js';

/**
 * Every step and resource kind that this build knows, whatever an installation has configured: to check a template by.
 * The systems behind them are named `.invalid`, so nothing here can be run or observed.
 */
export async function everyStep(): Promise<Registry> {
  return new Registry(await everyProvider());
}

export async function everyProvider(): Promise<Provider[]> {
  const folder = await mkdtemp(path.join(tmpdir(), 'slipway-steps-'));
  try {
    const kubeconfig = path.join(folder, 'kubeconfig');
    await writeFile(kubeconfig, nowhereKubeconfig);
    const { integrations } = Config.parse({ publicUrl: nowhere, integrations: nowhereIntegrations(kubeconfig) });
    return composeProviders(integrations, { ...inMemory(), secrets: noSecrets, remote: createRemoteContent([]) });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const nowhere = 'https://nowhere.invalid';

function nowhereIntegrations(kubeconfig: string): unknown {
  return {
    github: { org: 'organisation', token: 'env:NONE', webhookSecret: 'env:NONE', url: nowhere, apiUrl: nowhere },
    kubernetes: { kubeconfig },
    argocd: { url: nowhere, token: 'env:NONE' },
    akeyless: { url: nowhere, accessId: 'none', accessKey: 'env:NONE' },
  };
}

const nowhereKubeconfig = JSON.stringify({
  apiVersion: 'v1',
  kind: 'Config',
  clusters: [{ name: 'nowhere', cluster: { server: nowhere } }],
  users: [{ name: 'nobody', user: {} }],
  contexts: [{ name: 'nowhere', context: { cluster: 'nowhere', user: 'nobody' } }],
  'current-context': 'nowhere',
});

const noSecrets: Secrets = {
  resolve: (reference) => Promise.reject(new Error(`No secret is resolved here (${reference}).`)),
  protect: () => undefined,
};
