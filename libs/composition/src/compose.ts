import { readFileSync } from 'node:fs';
import { type Provider, Registry, SecretValues, type Secrets, engineProvider } from '@slipway/engine';
import { catalogueProvider } from '@slipway/portal';
import { akeylessProvider } from '@slipway/provider-akeyless';
import { argocdProvider } from '@slipway/provider-argocd';
import { githubProvider } from '@slipway/provider-github';
import { kubernetesProvider } from '@slipway/provider-kubernetes';
import { createRemoteContent, type RemoteContent, templatingProvider } from '@slipway/templating';
import type { Config } from './config.js';
import { readConfig } from './read-config.js';
import { SecretReferences } from './resolve-secret.js';
import type { Surroundings } from './surroundings.js';

/** What the api and the worker both stand on: configuration, secrets, and every step and kind this installation knows. */
export interface Composition {
  config: Config;
  registry: Registry;
  providers: Provider[];
  /** What templates may fetch from elsewhere. */
  remote: RemoteContent;
  /** For the process itself; every value handed out is in `processSecrets` from then on. */
  secrets: Secrets;
  processSecrets: SecretValues;
  resolveSecret: (reference: string, signal?: AbortSignal) => Promise<string>;
}

export async function compose(configFile: string, surroundings: Surroundings): Promise<Composition> {
  const config = await readConfig(configFile);
  const references = new SecretReferences();
  const processSecrets = new SecretValues();
  const secrets: Secrets = {
    async resolve(reference) {
      const value = await references.resolve(reference);
      processSecrets.add(value);
      return value;
    },
    protect: (value) => processSecrets.add(value),
  };
  const remote = remoteContent(config.allowedHosts, secrets);
  const providers = composeProviders(config.integrations, { ...surroundings, secrets, remote }).map((provider) => bounded(provider, config.atOnce));
  for (const provider of providers) if (provider.secrets) references.register(provider.name, provider.secrets);
  return {
    config,
    registry: new Registry(providers),
    providers,
    remote,
    secrets,
    processSecrets,
    resolveSecret: (reference, signal) => references.resolve(reference, signal),
  };
}

/** The one place where providers are named: a new one is one line here. */
export function composeProviders(
  { github, kubernetes, argocd, akeyless }: Config['integrations'],
  { secrets, limiter, catalogue, remote }: Surroundings & { secrets: Secrets; remote: RemoteContent },
): Provider[] {
  const host = github && githubProvider(github, { secrets, limiter });
  return [
    engineProvider(),
    templatingProvider(remote),
    catalogueProvider(catalogue, remote),
    ...(host ? [host] : []),
    ...(kubernetes ? [kubernetesProvider(kubernetes, secrets)] : []),
    ...(argocd ? [argocdProvider(argocd, { secrets, limiter, commits: host?.commits })] : []),
    ...(akeyless ? [akeylessProvider(akeyless, secrets)] : []),
  ];
}

/** Throws where the certificate authority of a host cannot be read; tokens are resolved for each fetch. */
function remoteContent(hosts: Config['allowedHosts'], secrets: Secrets): RemoteContent {
  return createRemoteContent(
    hosts.map(({ ca, token, ...host }) => ({
      ...host,
      ...(ca === undefined ? {} : { ca: readFileSync(ca, 'utf8') }),
      ...(token === undefined ? {} : { token: () => secrets.resolve(token) }),
    })),
  );
}

/** Of the outside systems; what works in the process itself has no bound. */
function bounded(provider: Provider, atOnce: Config['atOnce']): Provider {
  const bound = Object.entries(atOnce).find(([name]) => name === provider.name)?.[1];
  return bound === undefined ? provider : { ...provider, atOnce: bound };
}
